"""What every kind of file is read into: rows of five cells, as text, in batches."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from services.generator.importing.columns import Columns
from shared.errors import SommelierError


class TableError(SommelierError):
    """A file that cannot be read as the table that it was taken for."""


class Cells(NamedTuple):
    """What a row says, as text; None where the file has no such column."""

    user: str | None
    item: str | None
    rating: str | None
    time: str | None
    event: str | None


class RawRow(NamedTuple):
    """One row as it stands in the file; `line` counts from 1 (in Parquet: rows)."""

    line: int
    text: str
    cells: Cells


class Reject(NamedTuple):
    """A row that does not go in, and why."""

    file: str
    line: int
    reason: str
    text: str


class RowBatch(NamedTuple):
    """Consecutive rows; `done` is how far into the file they end, in the table's `unit`."""

    rows: list[RawRow | Reject]
    done: int


class Table(Protocol):
    """A file of interactions that is read in bounded memory."""

    @property
    def path(self) -> Path:
        """Where the file is."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def columns(self) -> Columns:
        """Which of its columns is read for what."""

    @property
    def unit(self) -> str:
        """What `size` counts: bytes (compressed ones, where it is) or rows."""

    @property
    def size(self) -> int:
        """How much there is to read."""

    def batches(self, rows: int) -> Iterator[RowBatch]:
        """Its rows in order, `rows` at a time; TableError where it breaks off."""
