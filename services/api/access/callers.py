"""Who asks, as far as that is known."""

import ipaddress
from dataclasses import dataclass

from services.api.access.kinds import Kind
from services.api.access.rates import Usage
from services.api.problems import NotWithThisKey

NETWORK_BITS = 64  # of an IPv6 address: one customer has the rest


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


def network_of(address: str) -> str:
    """What requests of one client have in common: the address, of IPv6 its network."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address, NETWORK_BITS), strict=False))
    except ValueError:  # a proxy wrote something else
        return address
