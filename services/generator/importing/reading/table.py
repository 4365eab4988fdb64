"""What every kind of file is read into: named columns of text, in batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from shared.errors import SommelierError


class TableError(SommelierError):
    """A file that cannot be read as the table that it was taken for."""


class Problem(NamedTuple):
    """Why a row does not go in: `kind` is equal for equal problems, `reason` shows the cell too."""

    kind: str
    reason: str


class Reject(NamedTuple):
    """A row that does not go in, and why; `line` counts from 1 (in Parquet: rows)."""

    file: str
    line: int
    problem: Problem
    text: str


@dataclass(frozen=True)
class Batch:
    """Consecutive rows, column by column.

    `lines` says where each row begins, `columns` holds a text for each of them ("" for a cell that
    is empty or not there), `text(n)` is row n as it stands in the file. `broken` are rows between
    them that are none of this table. `done` is how far into the file they end, in its `unit`.
    """

    lines: Sequence[int]
    columns: dict[str, list[str]]
    text: Callable[[int], str]
    done: int
    broken: list[Reject] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)


class Table(Protocol):
    """A file of rows with named columns that is read in bounded memory."""

    @property
    def path(self) -> Path:
        """Where the file is."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def names(self) -> list[str]:
        """Its columns, in their order; numbers from 0 where it has no header."""

    @property
    def format(self) -> str:
        """What it is, for people: "CSV with semicolons, gzip, UTF-8"."""

    @property
    def notes(self) -> list[str]:
        """What has to be said of how it is read."""

    @property
    def point_decimals(self) -> bool:
        """Whether `1.234` in it can only be a decimal fraction."""

    @property
    def unit(self) -> str:
        """What `size` counts: bytes (compressed ones, where it is) or rows."""

    @property
    def size(self) -> int:
        """How much there is to read."""

    def batches(
        self, rows: int, names: Sequence[str], one_line: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """The columns `names` of its rows, in order, `rows` at a time; TableError where it breaks
        off. A line break inside of the columns `one_line` is a quote that nobody closed."""


EMPTY_MARKS = frozenset({"", "NULL", "null", "\\N", "None", "nan", "NaN", "N/A", "#N/A"})
"""What databases, spreadsheets and pandas write for a cell that is empty."""


def is_empty(text: str) -> bool:
    """Whether a cell says nothing."""
    return text in EMPTY_MARKS or text.strip() in EMPTY_MARKS


def listed(names: Sequence[str], limit: int = 30) -> str:
    """Names for people, in quotes, the first `limit` of them."""
    shown = ", ".join(f"'{name}'" for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def shortened(text: str, limit: int = 40) -> str:
    """A cell for people, in quotes."""
    return repr(text if len(text) <= limit else f"{text[:limit]}…")
