"""One row of a file becomes an interaction, or is rejected with the reason."""

import datetime as dt
import hashlib
import math
from typing import NamedTuple

from services.generator.importing.raw_rows import Cells
from shared.database.event_ids import row_key
from shared.database.event_types import EVENT_TYPES
from shared.database.rating_scale import RatingScale
from shared.database.row_rules import (
    RowRule,
    RuleViolation,
    checked_id,
    checked_rating,
    checked_time,
)
from shared.database.tables import ID_LENGTH
from shared.database.timestamps import iso_ms, latest_ms

LARGEST_RATING = 1_000_000  # beyond it a typing error would drown every other rating
_NO_TIME = "is neither epoch seconds, milliseconds nor ISO 8601"
_MILLISECONDS_FROM = 1e11  # as seconds that would be the year 5138; as milliseconds it is 1973


class BadRow(Exception):
    """Why a row does not go in."""


class ImportedInteraction(NamedTuple):
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

    def __init__(self, scale: RatingScale | None, now: dt.datetime) -> None:
        self._scale = scale
        self._latest_ms = latest_ms(now)

    def parse(self, cells: Cells) -> ImportedInteraction:
        """The interaction that the cells describe; BadRow where they do not."""
        event_type = _event_type(cells)
        try:
            return ImportedInteraction(
                checked_id("user_id", cells.user),
                checked_id("item_id", cells.item),
                event_type,
                checked_rating(_rating(cells.rating), event_type, self._scale),
                self._occurred_ms(cells.time),
            )
        except RuleViolation as violation:
            raise BadRow(self._in_words(violation, cells)) from None

    def _occurred_ms(self, text: str | None) -> int | None:
        if text is None:
            return None
        if not text or text.isspace():
            raise RuleViolation("occurred_at", RowRule.PRESENT)
        return checked_time(_epoch_ms(text), self._latest_ms)

    def _in_words(self, violation: RuleViolation, cells: Cells) -> str:
        name, text = {
            "user_id": ("user id", cells.user),
            "item_id": ("item id", cells.item),
            "rating": ("rating", cells.rating),
            "occurred_at": ("time", cells.time),
        }[violation.field]
        return f"{name} {self._reason(violation.rule, text or '')}"

    def _reason(self, rule: RowRule, text: str) -> str:
        reasons = {
            RowRule.PRESENT: "is missing",
            RowRule.SHORT: f"has {len(text)} characters, at most {ID_LENGTH} are possible",
            RowRule.UTF8: "is not UTF-8",
            RowRule.READABLE: f"{_short(text)} {_NO_TIME}",
            RowRule.NOT_TOO_EARLY: f"{_short(text)} {_NO_TIME}",
            RowRule.NOT_IN_THE_FUTURE: f"{_short(text)} is in the future",
        }
        if self._scale is not None:
            scale = "{:g}:{:g}".format(*self._scale)
            reasons[RowRule.ON_SCALE] = f"{_short(text)} is off the scale {scale}"
        return reasons[rule]


def _rating(text: str | None) -> float | None:
    if not text or text.isspace():
        return None
    rating = _number(text)
    if rating is None:
        raise BadRow(f"rating {_short(text)} is not a number")
    if abs(rating) > LARGEST_RATING:
        raise BadRow(f"rating {_short(text)} is larger than {LARGEST_RATING:,}")
    return rating


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
