"""Rows that others send: each is good, or rejected with a reason that names field and value."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.api.field_errors import wrong_field
from services.api.ingest.rejections import validated
from services.api.schemas.interactions import NewInteraction
from services.api.schemas.rows import RejectedRow
from shared.database.event_ids import event_id, row_key
from shared.database.storage import Row
from shared.database.tables import from_epoch_ms
from shared.database.timestamps import EARLIEST_MS, iso_ms, latest_ms

Scale = tuple[float, float]


class BadRow(Exception):
    """Why a row does not go in."""


@dataclass(frozen=True)
class ParsedEvents:
    """The good rows of a request, as the table `interactions` takes them, where each stood in the
    request, and what was rejected."""

    rows: Sequence[Row]
    indices: Sequence[int]
    rejected: Sequence[RejectedRow]


class InteractionRows:
    """Reads interactions by the rating scale and the time at which they came."""

    def __init__(self, scale: Scale, now: dt.datetime) -> None:
        self._scale = scale
        self._now = now
        self._latest_ms = latest_ms(now)

    def read(self, sent: Sequence[object]) -> ParsedEvents:
        rows, indices, rejected = [], [], list[RejectedRow]()
        for index, event in validated(NewInteraction, sent, rejected):
            try:
                rows.append(self._row(event))
                indices.append(index)
            except BadRow as error:
                rejected.append(RejectedRow(index=index, reason=str(error)))
        return ParsedEvents(rows, indices, rejected)

    def _row(self, one: NewInteraction) -> dict[str, Any]:
        rating = self._rating(one)
        occurred_ms = self._occurred_ms(one.occurred_at)
        return {
            "event_id": one.event_id or _event_id(one, rating, occurred_ms),
            "user_id": one.user_id,
            "item_id": one.item_id,
            "event_type": one.event_type,
            "rating": rating,
            "occurred_at": self._now if occurred_ms is None else from_epoch_ms(occurred_ms),
            "recommendation_id": one.recommendation_id,
            "created_at": self._now,
        }

    def _rating(self, one: NewInteraction) -> float | None:
        if one.rating is None:
            if one.event_type == "rating":
                raise _bad("rating", 'This field is required where event_type is "rating"', None)
            return None
        lowest, highest = self._scale
        if not lowest <= one.rating <= highest:  # nan is neither
            raise _bad("rating", f"The scale is {lowest:g} to {highest:g}", one.rating)
        return one.rating + 0.0  # -0.0 and 0.0 are one rating

    def _occurred_ms(self, text: str | None) -> int | None:
        if text is None:
            return None
        milliseconds = iso_ms(text)
        if milliseconds is None:
            raise _bad("occurred_at", "Write ISO 8601, such as 2025-03-01T12:30:15.123Z", text)
        if milliseconds < EARLIEST_MS:
            raise _bad("occurred_at", "It is before the year 1000", text)
        if milliseconds > self._latest_ms:
            raise _bad("occurred_at", "It is in the future", text)
        return milliseconds


def _event_id(one: NewInteraction, rating: float | None, occurred_ms: int | None) -> str:
    if occurred_ms is None:
        return secrets.token_hex(16)  # equal rows may be two events
    return event_id(row_key(one.user_id, one.item_id, one.event_type, rating, occurred_ms))


def _bad(field: str, reason: str, value: object) -> BadRow:
    return BadRow(wrong_field(field, reason, value))
