"""A user id signed by the shop's server, so that a page can ask for its own user and no other.

The header is `<expires>.<hex>`: seconds since 1970, and the HMAC-SHA256 (RFC 2104) of
`sommelier-user`, the expiry and the user id, a line end between them, by a key of USER_SIGNING_KEY.
"""

import hmac
import re
import time
from collections.abc import Callable, Iterable, Sequence

from pydantic import SecretStr

from services.api.access.keys import entries

HEADER = "X-User-Signature"
SHORTEST = 32  # characters: who has one signature can try keys without asking the API
LONGEST_SECONDS = 86_400  # what leaks is of use until it expires

SHAPE = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


def parse_signing_keys(value: object) -> object:
    """A setting of signing keys; ValueError names the entry by its place alone."""
    if value is None:
        return ()
    if not isinstance(value, str):
        return value
    keys = entries(value)
    for place, key in enumerate(keys, start=1):
        if len(key) < SHORTEST:
            raise ValueError(
                f"entry {place} has {len(key)} characters, and a signing key has {SHORTEST} or "
                "more; `make key KIND=signing` makes one"
            )
    return tuple(SecretStr(key) for key in keys)


def sign(key: str, user_id: str, expires: int) -> str:
    """The header's value."""
    return f"{expires}.{_digits(key.encode(), user_id, expires)}"


def _digits(key: bytes, user_id: str, expires: int) -> str:
    # The id comes last: whatever it holds, no other id and expiry give the same message.
    message = f"sommelier-user\n{expires}\n{user_id}".encode("utf-8", "surrogatepass")
    return hmac.new(key, message, "sha256").hexdigest()


class Forged(ValueError):
    """A signature by none of the keys, or of another user."""


class Outdated(ValueError):
    """A signature by one of the keys whose time is over, or too far ahead."""


class SignatureCheck:
    """Says whether a signature is of a user, by any of the keys: two of them while one is changed.

    False without keys, which nobody can sign by.
    """

    def __init__(self, keys: Iterable[SecretStr], clock: Callable[[], float] = time.time) -> None:
        self._keys: Sequence[bytes] = [key.get_secret_value().encode() for key in keys]
        self._clock = clock

    def __bool__(self) -> bool:
        return bool(self._keys)

    def check(self, signature: str, user_id: str) -> None:
        """Forged or Outdated, with words, unless it is of this user and of now."""
        found = SHAPE.fullmatch(signature)
        if found is None:
            raise Forged(f"{HEADER} is not <seconds since 1970>.<64 hex digits, small letters>.")
        expires = int(found[1])
        right = [_digits(key, user_id, expires) for key in self._keys]
        if not any(hmac.compare_digest(found[2], digits) for digits in right):
            raise Forged(f"{HEADER} is no signature of user '{user_id}' by a USER_SIGNING_KEY.")
        ahead = expires - self._clock()
        if ahead <= 0:
            raise Outdated(f"{HEADER} expired {-ahead:.0f} s ago: have the user signed anew.")
        if ahead > LONGEST_SECONDS:
            raise Outdated(
                f"{HEADER} expires in {ahead:.0f} s, and may in {LONGEST_SECONDS:,} s at most."
            )
