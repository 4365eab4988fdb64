"""What somebody says of a file of items or users, beside its path."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.generator.importing.catalogue.attribute_types import AttributeType
from services.generator.importing.reading.numbers import Decimal
from services.generator.importing.reading.times import TimeFormat


@dataclass(frozen=True)
class CatalogueOptions:
    """How the columns are to be read, where the file does not tell.

    `columns` are role → columns, `attributes` an attribute's name → its column, `types` a column →
    what it holds; `inactive` are words of the active column that count as false. With `keep_empty`
    an empty cell leaves what is known as it is.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, AttributeType] = field(default_factory=dict)
    separator: str | None = None
    inactive: tuple[str, ...] = ()
    keep_empty: bool = False
    time_format: TimeFormat | None = None
    zone: dt.tzinfo = dt.UTC
    decimal: Decimal | None = None
    encoding: str | None = None

    def asked(self) -> dict[str, list[str]]:
        """Option → the columns that it names."""
        return {
            **{f"--{role}": list(columns) for role, columns in self.columns.items()},
            "--ignore": list(self.ignored),
            "--attribute": list(self.attributes.values()),
            "--type": list(self.types),
        }

    def to_remember(self) -> dict[str, Any]:
        """What another run has to say too to complete an interrupted one; empty by default."""
        said = {
            "columns": {role: list(columns) for role, columns in self.columns.items()},
            "ignored": list(self.ignored),
            "attributes": dict(self.attributes),
            "types": {column: type_.value for column, type_ in self.types.items()},
            "separator": self.separator,
            "inactive": list(self.inactive),
            "keep_empty": self.keep_empty,
            "time_format": self.time_format and self.time_format.value,
            "time_zone": None if self.zone is dt.UTC else str(self.zone),
            "decimal": self.decimal,
            "encoding": self.encoding,
        }
        return {name: value for name, value in said.items() if value}
