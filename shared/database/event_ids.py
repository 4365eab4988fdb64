"""The `event_id` of an interaction that came without one: made from what it says.

The importer and the API make the same, so that a row that comes in both ways is one row.
"""

import hashlib


def row_key(
    user_id: str,
    item_id: str,
    event_type: str,
    rating: float | None,
    occurred_ms: int | None,
    value: float | None = None,
) -> bytes:
    """Bytes that are equal for equal rows alone."""
    ending = "" if value is None else f"{value!r}:"  # rows without one keep the ids they had
    return (
        f"{len(user_id)}:{user_id}{len(item_id)}:{item_id}{event_type}:{rating!r}:{occurred_ms}:"
        f"{ending}"
    ).encode()


def event_id(key: bytes, occurrence: int = 0) -> str:
    """32 hex digits for a row that occurs once more than `occurrence` times."""
    return hashlib.blake2b(key + b"%d" % occurrence, digest_size=16).hexdigest()
