"""Rows of a batch become interactions, or are rejected with the reason; column by column."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.generator.importing.events.names import plain_name
from services.generator.importing.events.plan import EventPlan
from services.generator.importing.reading.cells import (
    BadCell,
    CellReader,
    bad_cell,
    read_id,
    rejects_of,
)
from services.generator.importing.reading.numbers import number_in
from services.generator.importing.reading.table import (
    Batch,
    Problem,
    Reject,
    is_empty,
    shortened,
)
from services.generator.importing.reading.times import TimeReader
from shared.database.row_rules import (
    RowRule,
    RuleViolation,
    checked_rating,
    checked_time,
)
from shared.database.timestamps import latest_ms

LARGEST_NUMBER = 1_000_000  # of a rating: beyond it a typing error would drown every other
LARGEST_VALUE = 1e15  # beyond it a double no longer tells one from the next
_MOST_NAMES = 1_000  # that are kept: a column with more does not name events


@dataclass(frozen=True)
class Events:
    """The good rows of a batch, column by column; `rows` are their places in it.

    `times` are milliseconds since 1970, None where nobody knows.
    """

    rows: Sequence[int]
    users: Sequence[str]
    items: Sequence[str]
    types: Sequence[str]
    ratings: Sequence[float | None]
    values: Sequence[float | None]
    times: Sequence[int | None]

    def __len__(self) -> int:
        return len(self.rows)

    def columns(self) -> tuple[Sequence[object], ...]:
        """All but `rows`."""
        return self.users, self.items, self.types, self.ratings, self.values, self.times

    def among(self, places: Sequence[int]) -> "Events":
        """Those at some places."""
        kept = [[column[place] for place in places] for column in (self.rows, *self.columns())]
        return Events(*kept)  # type: ignore[arg-type]


class EventParser:
    """Reads batches by a plan; `now` is the moment that what lies after is in the future."""

    def __init__(self, plan: EventPlan, now: dt.datetime) -> None:
        self._options = plan.options
        self._scale = plan.options.scale
        self._decimals = plan.decimals
        self._latest_ms = latest_ms(now)
        self._event_type = plan.event_type
        self._named = plan.recognition.named()
        self.unknown_events: set[str] = set()
        """Names of events until now that are no types."""
        readers: dict[str, Callable[[str], object]] = {
            "event": self._type,
            "user": lambda text: read_id("user", text),
            "item": lambda text: read_id("item", text),
        }
        for role, read in (("rating", self._rating), ("value", self._value)):
            if role in plan.decimals:
                readers[role] = read
        if plan.time_format is not None:
            self._times = TimeReader(plan.time_format, plan.options.zone)
            self._time_words = plan.time_format.words
            readers["time"] = self._time
        # In this order: of several things that are wrong with a row the first is told.
        self._readers = {
            role: CellReader(read) for role, read in readers.items() if role in self._named
        }

    @property
    def columns(self) -> list[str]:
        """What a batch has to hold."""
        return list(self._named.values())

    def parse(self, batch: Batch, file: str) -> tuple[Events, list[Reject]]:
        """The good rows, and the others in the order of their lines."""
        values: dict[str, Sequence[Any]] = {}
        problems: dict[int, Problem] = {}
        for role, reader in self._readers.items():
            read = reader.read_all(batch.columns[self._named[role]])
            values[role] = read.values
            problems = read.problems | problems
        none = [None] * len(batch)
        types = values.get("event") or [self._event_type] * len(batch)
        ratings = values.get("rating", none)
        for row in _without_rating(types, ratings):
            problems.setdefault(row, Problem("rating is missing", "rating is missing"))
        times, amounts = values.get("time", none), values.get("value", none)
        users, items = values["user"], values["item"]
        everything = Events(
            range(len(batch)),
            users,
            items,
            types,
            ratings,
            amounts,
            times,
        )
        if problems:
            good = [row for row in range(len(batch)) if row not in problems]
            everything = everything.among(good)
        return everything, rejects_of(batch, problems, file)

    def _type(self, text: str) -> str:
        name = plain_name(text)
        type_ = self._options.mapping.get(name, name)
        if is_empty(text):
            raise bad_cell("event type is missing", text)
        if type_ not in self._options.known_types:
            if len(self.unknown_events) < _MOST_NAMES:
                self.unknown_events.add(name)
            reason = f"event type {shortened(name)} is not known"
            raise BadCell(Problem(reason, reason))
        return type_

    def _rating(self, text: str) -> float | None:
        if is_empty(text):
            return None
        rating = number_in(text, self._decimals["rating"])
        if rating is None:
            raise bad_cell("rating {} is not a number", text)
        if abs(rating) > LARGEST_NUMBER:
            raise bad_cell(f"rating {{}} is larger than {LARGEST_NUMBER:,}", text)
        try:
            return checked_rating(rating, "rating", self._scale)
        except RuleViolation:
            scale = "{:g}:{:g}".format(*self._scale or ())
            raise bad_cell(f"rating {{}} is off the scale {scale}", text) from None

    def _value(self, text: str) -> float | None:
        if is_empty(text):
            return None
        value = number_in(text, self._decimals["value"])
        if value is None:
            raise bad_cell("value {} is not a number", text)
        if value <= 0:
            raise bad_cell("value {} is not positive", text)
        if value > LARGEST_VALUE:
            raise bad_cell(f"value {{}} is larger than {LARGEST_VALUE:g}", text)
        return value

    def _time(self, text: str) -> int | None:
        if is_empty(text):
            return None
        try:
            return checked_time(self._times.read(text), self._latest_ms)
        except RuleViolation as violation:
            reason = "{} is in the future"
            if violation.rule is not RowRule.NOT_IN_THE_FUTURE:
                reason = f"{{}} is not written as {self._time_words}"
            raise bad_cell(f"time {reason}", text) from None


def _without_rating(types: Sequence[object], ratings: Sequence[object]) -> Iterator[int]:
    if None in ratings and "rating" in types:
        for row, (type_, rating) in enumerate(zip(types, ratings, strict=True)):
            if rating is None and type_ == "rating":
                yield row
