"""One row of a file becomes an interaction, or is rejected with the reason."""

import datetime as dt
import hashlib
import math
from typing import NamedTuple

from services.generator.importing.raw_rows import Cells, Scale
from shared.database.event_ids import row_key
from shared.database.event_types import EVENT_TYPES
from shared.database.tables import ID_LENGTH
from shared.database.timestamps import EARLIEST_MS, iso_ms, latest_ms

LARGEST_RATING = 1_000_000  # beyond it a typing error would drown every other rating
_MILLISECONDS_FROM = 1e11  # as seconds that would be the year 5138; as milliseconds it is 1973


class BadRow(Exception):
    """Why a row does not go in."""


class Interaction(NamedTuple):
    """What a row says; `occurred_ms` is None where the file has no times."""

    user_id: str
    item_id: str
    event_type: str
    rating: float | None
    occurred_ms: int | None

    def key(self) -> bytes:
        """Bytes that are equal for equal rows alone."""
        return row_key(*self)


def row_hash(key: bytes) -> bytes:
    """The 8 bytes by which a row is known again."""
    return hashlib.blake2b(key, digest_size=8).digest()


class RowParser:
    """Reads rows by the rating scale, where one is known, and the time of the import."""

    def __init__(self, scale: Scale | None, now: dt.datetime) -> None:
        self._scale = scale
        self._latest_ms = latest_ms(now)

    def parse(self, cells: Cells) -> Interaction:
        """The interaction that the cells describe; BadRow where they do not."""
        event_type = _event_type(cells)
        return Interaction(
            _id("user", cells.user),
            _id("item", cells.item),
            event_type,
            self._rating(cells.rating, required=event_type == "rating"),
            self._occurred_ms(cells.time),
        )

    def _rating(self, text: str | None, *, required: bool) -> float | None:
        if not text or text.isspace():
            if required:
                raise BadRow("rating is missing")
            return None
        rating = _number(text)
        if rating is None:
            raise BadRow(f"rating {_short(text)} is not a number")
        if abs(rating) > LARGEST_RATING:
            raise BadRow(f"rating {_short(text)} is larger than {LARGEST_RATING:,}")
        scale = self._scale
        if scale is not None and not scale.lowest <= rating <= scale.highest:
            raise BadRow(
                f"rating {_short(text)} is off the scale {scale.lowest:g}:{scale.highest:g}"
            )
        return rating + 0.0  # -0.0 and 0.0 are one rating

    def _occurred_ms(self, text: str | None) -> int | None:
        if text is None:
            return None
        if not text or text.isspace():
            raise BadRow("time is missing")
        milliseconds = _epoch_ms(text)
        if milliseconds is None or milliseconds < EARLIEST_MS:
            raise BadRow(f"time {_short(text)} is neither epoch seconds, milliseconds nor ISO 8601")
        if milliseconds > self._latest_ms:
            raise BadRow(f"time {_short(text)} is in the future")
        return milliseconds


def _id(role: str, text: str | None) -> str:
    if not text:
        raise BadRow(f"{role} id is missing")
    if len(text) > ID_LENGTH:
        raise BadRow(f"{role} id has {len(text)} characters, at most {ID_LENGTH} are possible")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRow(f"{role} id is not UTF-8") from None
    return text


def _event_type(cells: Cells) -> str:
    if cells.event is None:
        return "view" if cells.rating is None else "rating"
    event_type = cells.event.strip().lower()
    if event_type not in EVENT_TYPES:
        raise BadRow(f"event type {_short(cells.event)} is none of {', '.join(EVENT_TYPES)}")
    return event_type


def _epoch_ms(text: str) -> int | None:
    number = None if _is_compact_date(text) else _number(text)
    if number is not None:
        return round(number if abs(number) >= _MILLISECONDS_FROM else number * 1000)
    return iso_ms(text.strip())


def _is_compact_date(text: str) -> bool:
    """Whether `text` is a day like 20240131, which as seconds would be one of 1970."""
    try:
        return len(text.strip()) == 8 and bool(dt.date.fromisoformat(text.strip()))
    except ValueError:
        return False


def _number(text: str) -> float | None:
    """A finite decimal number; what only Python takes for one (`1_000`) is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
