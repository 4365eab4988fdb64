"""Who asks, as far as that is known."""

from dataclasses import dataclass

from services.api.access.kinds import Kind
from services.api.access.rates import Usage
from services.api.problems import NotWithThisKey


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in: by which kind of key, from where, and the signature that came."""

    kind: Kind
    address: str = ""
    signature: str | None = None
    usage: Usage | None = None
    """What is left of the key's rate; None where it has none."""

    def require(self, kind: Kind) -> None:
        """NotWithThisKey where a route needs a higher kind of key."""
        if self.kind < kind:
            raise NotWithThisKey.of(self.kind.setting, kind.setting)


EVERYONE = Caller(Kind.ADMIN)
"""Whoever asks where no key is set."""
