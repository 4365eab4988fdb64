"""Parquet files, read batch by batch: as much memory as one row group takes, whatever the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from services.generator.importing.columns import Columns
from services.generator.importing.raw_rows import Cells, RawRow, Reject, RowBatch, TableError


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file; `names` are its own names of the columns, None where a role has none."""

    path: Path
    columns: Columns
    names: list[str | None]
    size: int
    unit = "rows"

    @property
    def name(self) -> str:
        return self.path.name

    def batches(self, rows: int) -> Iterator[RowBatch]:
        """Rows in order, every cell as the text that a CSV would hold."""
        needed = sorted({name for name in self.names if name is not None})
        done = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=rows, columns=needed):
                    yield RowBatch(self._rows(batch, done), done + len(batch))
                    done += len(batch)
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"{self.path} cannot be read after row {done}: {error}") from error

    def _rows(self, batch: pa.RecordBatch, done: int) -> list[RawRow | Reject]:
        columns = [
            [None] * len(batch) if name is None else _texts(batch.column(name))
            for name in self.names
        ]
        return [
            RawRow(number, ",".join(filter(None, cells)), Cells._make(cells))
            for number, cells in enumerate(zip(*columns, strict=True), start=done + 1)
        ]


def open_parquet(path: Path, chosen: Columns) -> ParquetTable:
    """The file with its columns found, by name or by number from 0."""
    try:
        with pq.ParquetFile(path) as file:
            size, names = file.metadata.num_rows, file.schema_arrow.names
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{path} is not a Parquet file that can be read: {error}") from error
    if size == 0:
        raise TableError(f"{path} is empty: it has no rows.")
    known = [str(n) for n in range(len(names))] if _by_number(chosen, names) else names
    columns = chosen.recognised_in(known)
    positions = columns.positions_in(known, path.name)
    found = [None if position is None else names[position] for position in positions]
    for name in found:
        if name is not None and names.count(name) > 1:
            raise TableError(f"{path} has {names.count(name)} columns named '{name}': rename them.")
    return ParquetTable(path, columns, found, size)


def _by_number(chosen: Columns, names: list[str]) -> bool:
    return not set(chosen.named().values()) <= set(names) and chosen.numbered()


def _texts(column: pa.Array) -> list[str]:
    """Numbers as they are written (a whole float without its point), times as ISO 8601 in UTC,
    nulls empty. What is no UTF-8 keeps its bytes, for the row alone to be rejected."""
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return [(cell or b"").decode("utf-8", "surrogateescape") for cell in column.to_pylist()]
    if pa.types.is_floating(column.type):
        column = _whole(column)
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms"), safe=False)
    return [text or "" for text in column.cast(pa.string()).to_pylist()]


def _whole(column: pa.Array) -> pa.Array:
    # Nulls turn pandas' whole numbers into floats; as text they would be `1e+15`.
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:  # a fraction among them
        return column
