"""Rows that others send: each is good, or rejected with a reason that names field and value."""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from services.api.field_errors import wrong_field
from services.api.ingest.rejections import validated
from services.api.schemas.interactions import NewInteraction
from services.api.schemas.rows import RejectedRow
from shared.database.event_ids import event_id, row_key
from shared.database.rating_scale import RatingScale
from shared.database.row_rules import RowRule, RuleViolation, checked_rating, checked_time
from shared.database.storage import Row
from shared.database.tables import from_epoch_ms
from shared.database.timestamps import iso_ms, latest_ms


@dataclass(frozen=True)
class ParsedEvents:
    """The good rows of a request, as the table `interactions` takes them, where each stood in the
    request, and what was rejected."""

    rows: Sequence[Row]
    indices: Sequence[int]
    rejected: Sequence[RejectedRow]


class InteractionRows:
    """Reads interactions by the types that there are, the rating scale and the time at which they
    came."""

    def __init__(self, event_types: Collection[str], scale: RatingScale, now: dt.datetime) -> None:
        self._event_types = event_types
        self._scale = scale
        self._now = now
        self._latest_ms = latest_ms(now)

    def read(self, sent: Sequence[object]) -> ParsedEvents:
        rows, indices, rejected = [], [], list[RejectedRow]()
        for index, event in validated(NewInteraction, sent, rejected):
            try:
                rows.append(self._row(event))
                indices.append(index)
            except RuleViolation as violation:
                rejected.append(RejectedRow(index=index, reason=self._in_words(violation, event)))
        return ParsedEvents(rows, indices, rejected)

    def _row(self, event: NewInteraction) -> dict[str, Any]:
        if event.event_type not in self._event_types:
            raise RuleViolation("event_type", RowRule.KNOWN)
        rating = checked_rating(event.rating, event.event_type, self._scale)
        occurred_ms = self._occurred_ms(event.occurred_at)
        return {
            "event_id": event.event_id or _event_id(event, rating, occurred_ms),
            "user_id": event.user_id,
            "item_id": event.item_id,
            "event_type": event.event_type,
            "rating": rating,
            "value": event.value,
            "occurred_at": self._now if occurred_ms is None else from_epoch_ms(occurred_ms),
            "recommendation_id": event.recommendation_id,
            "created_at": self._now,
        }

    def _occurred_ms(self, text: str | None) -> int | None:
        return None if text is None else checked_time(iso_ms(text), self._latest_ms)

    def _in_words(self, violation: RuleViolation, event: NewInteraction) -> str:
        reasons = {
            RowRule.KNOWN: f"There are {', '.join(self._event_types)}; EVENT_WEIGHTS adds others",
            RowRule.PRESENT: 'This field is required where event_type is "rating"',
            RowRule.ON_SCALE: "The scale is {:g} to {:g}".format(*self._scale),
            RowRule.READABLE: "Write ISO 8601, such as 2025-03-01T12:30:15.123Z",
            RowRule.NOT_TOO_EARLY: "It is before the year 1000",
            RowRule.NOT_IN_THE_FUTURE: "It is in the future",
        }
        value = getattr(event, violation.field)
        return wrong_field(violation.field, reasons[violation.rule], value)


def _event_id(event: NewInteraction, rating: float | None, occurred_ms: int | None) -> str:
    if occurred_ms is None:
        return secrets.token_hex(16)  # equal rows may be two events
    ids = event.user_id, event.item_id, event.event_type
    return event_id(row_key(*ids, rating, occurred_ms, event.value))
