"""Keys as the settings list them: in plain text or hashed, several at once, some for pages alone.

In the process only their digests are kept.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.api.access.kinds import Kind
from services.api.access.origins import parse_origin

HASHED = "sha256:"
SHORTEST = 16  # characters; a hash of less is found by trying
KEY_BYTES = 32  # of chance in a key that is made here


@dataclass(frozen=True)
class ApiKey:
    """A key as it is kept: its SHA-256, and the origins that it is bound to; none: everywhere."""

    digest: bytes
    origins: frozenset[str] = frozenset()


def make_key() -> str:
    """43 characters that need no quotes anywhere."""
    return secrets.token_urlsafe(KEY_BYTES)


def hashed(key: str, origins: Collection[str] = ()) -> str:
    """The key's entry in a setting, from which nobody learns the key."""
    bound = f"@{'+'.join(origins)}" if origins else ""
    return f"{HASHED}{_digest(key.encode()).hex()}{bound}"


def is_hashed(entry: str) -> bool:
    return entry.startswith(HASHED)


def entries(text: str) -> list[str]:
    """The entries of a setting: commas between them, or line ends in a file."""
    return [entry.strip() for entry in re.split("[,\n]", text) if entry.strip()]


def parse_keys(value: object) -> object:
    """A setting of keys that work everywhere; ValueError names the entry by its place alone."""
    if value is None:
        return ()
    if not isinstance(value, str):
        return value
    keys = []
    for place, entry in enumerate(entries(value), start=1):
        if re.search("@https?:", entry):
            raise ValueError(f"entry {place} names an origin, which only a READ_API_KEY can")
        keys.append(_parse_key(entry, place))
    return tuple(keys)


def parse_bound_keys(value: object) -> object:
    """The same where an entry may be `key@https://shop.example+https://www.shop.example`."""
    if value is None:
        return ()
    if not isinstance(value, str):
        return value
    keys = []
    for place, entry in enumerate(entries(value), start=1):
        key, at, origins = entry.partition("@")
        keys.append(_parse_key(key, place, _parse_bound(origins, place) if at else frozenset()))
    return tuple(keys)


def _parse_bound(origins: str, place: int) -> frozenset[str]:
    try:
        return frozenset(parse_origin(origin) for origin in origins.split("+"))
    except ValueError:  # it may be a part of a key, so nobody is shown it
        raise ValueError(
            f"behind the @ of entry {place} stands no origin: write https://shop.example, without "
            "a path, and + between several"
        ) from None


def _parse_key(entry: str, place: int, origins: frozenset[str] = frozenset()) -> ApiKey:
    if is_hashed(entry):
        digits = entry.removeprefix(HASHED)
        if not re.fullmatch("[0-9a-fA-F]{64}", digits):
            raise ValueError(
                f"entry {place} begins with {HASHED} and goes on with {len(digits)} characters, "
                "not with 64 hex digits"
            )
        return ApiKey(bytes.fromhex(digits), origins)
    if len(entry) < SHORTEST:
        raise ValueError(
            f"entry {place} has {len(entry)} characters, and a key has {SHORTEST} or more; "
            "`make key` makes one"
        )
    return ApiKey(_digest(entry.encode()), origins)


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


class KeyRing:
    """All keys by kind. One that stands twice is refused by the settings."""

    def __init__(self, keys: Mapping[Kind, Iterable[ApiKey]]) -> None:
        self._keys = [(kind, key) for kind in keys for key in keys[kind]]

    def __bool__(self) -> bool:
        return bool(self._keys)

    def find(self, sent: bytes) -> tuple[Kind, ApiKey] | None:
        """The key that was sent, in a time that does not depend on which one it is like."""
        digest, found = _digest(sent), None
        for candidate in self._keys:
            if secrets.compare_digest(digest, candidate[1].digest):
                found = candidate
        return found
