"""What became of the rows of a file: the counts that a dry run and an import both end with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from services.generator.importing.events.rows import Events

Number = TypeVar("Number", int, float)


@dataclass
class Tally:
    """Every row read is added, there already or rejected."""

    read: int = 0
    added: int = 0
    there: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """How many rows were rejected for which reason."""
    erased: int = 0
    """Of the rejected rows those whose users were erased: nothing is wrong with them."""
    unknown_events: set[str] = field(default_factory=set)
    """Names of events that are no types."""
    types: Counter[str] = field(default_factory=Counter)
    """Types of the rows that are good, after --map."""
    untimed: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    lowest: float | None = None
    highest: float | None = None
    """Of the ratings."""
    values: int = 0
    """How many rows have a value."""
    repeats: int = 0
    """Rows that an earlier row of the file says word for word; each is an interaction."""
    users: int = 0
    new_users: int = 0
    items: int = 0
    new_items: int = 0

    def see(self, events: Events) -> None:
        """Take in the good rows of a batch."""
        self.types.update(events.types)
        self.values += len(events) - _count_none(events.values)
        self.untimed += _count_none(events.times)
        times = [time for time in events.times if time is not None]
        if times:
            self.first_ms = _least(self.first_ms, min(times))
            self.last_ms = _most(self.last_ms, max(times))
        ratings = {rating for rating in events.ratings if rating is not None}
        if ratings:
            self.lowest = _least(self.lowest, min(ratings))
            self.highest = _most(self.highest, max(ratings))

    @property
    def bad_share(self) -> float:
        """Rows that are rejected for what they say, of all."""
        return (self.rejected - self.erased) / self.read if self.read else 0.0


def _least(known: Number | None, new: Number) -> Number:
    return new if known is None else min(known, new)


def _most(known: Number | None, new: Number) -> Number:
    return new if known is None else max(known, new)


def _count_none(cells: Sequence[object]) -> int:
    return cells.count(None)
