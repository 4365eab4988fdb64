"""What somebody says of a file of events, beside its path."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.generator.importing.reading.numbers import Decimal
from services.generator.importing.reading.roles import NAMED
from services.generator.importing.reading.times import TimeFormat
from shared.database.event_types import EVENT_WEIGHTS
from shared.database.rating_scale import RatingScale


@dataclass(frozen=True)
class EventOptions:
    """How the columns are to be read, where the file does not tell.

    `columns` are role → column, `mapping` a name of an event in the file → its type; `known_types`
    are the types that there are, with their weights.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    why: str = NAMED
    """Who says so of the columns."""
    ignored: tuple[str, ...] = ()
    scale: RatingScale | None = None
    event_type: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    time_format: TimeFormat | None = None
    zone: dt.tzinfo = dt.UTC
    decimal: Decimal | None = None
    encoding: str | None = None
    known_types: Mapping[str, float] = field(default_factory=lambda: EVENT_WEIGHTS)

    def asked(self) -> list[str]:
        """The columns that are asked for by name or number."""
        return [*self.columns.values(), *self.ignored]

    def to_remember(self) -> dict[str, Any]:
        """What another run has to say too to complete an interrupted one; empty by default."""
        said = {
            "ignored": list(self.ignored),
            "event_type": self.event_type,
            "map": dict(self.mapping),
            "time_format": self.time_format and self.time_format.value,
            "time_zone": None if self.zone is dt.UTC else str(self.zone),
            "decimal": self.decimal,
            "encoding": self.encoding,
        }
        return {name: value for name, value in said.items() if value}
