"""Parquet files, read batch by batch: as much memory as one row group takes, whatever the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from services.generator.importing.reading.table import Batch, TableError

_BETWEEN_VALUES = "|"  # of a list, which is one column


@dataclass(frozen=True)
class ParquetTable:
    """A Parquet file; fields of structs are columns with dotted names.

    `types` are the columns' own types, and `names` the names or, where they are asked for by
    number, numbers from 0.
    """

    path: Path
    types: dict[str, str]
    names: list[str]
    size: int
    notes: list[str] = field(default_factory=list)
    unit = "rows"
    format = "Parquet"
    point_decimals = True

    @property
    def name(self) -> str:
        return self.path.name

    def batches(
        self, rows: int, names: Sequence[str], one_line: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """Rows in order, every cell as the text that a CSV would hold."""
        own = dict(zip(self.names, self.types, strict=True))
        needed = sorted({own[name] for name in names})
        done = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(batch_size=rows, columns=needed):
                    table = _flat(batch)
                    columns = {name: _texts(table.column(own[name])) for name in names}
                    yield _batch(columns, done, len(batch))
                    done += len(batch)
        except (pa.ArrowException, OSError) as error:
            raise TableError(f"{self.path} cannot be read after row {done}: {error}") from error


def open_parquet(path: Path, *, numbered: bool = False) -> ParquetTable:
    """The file with its columns, `numbered` from 0 where they are asked for so."""
    try:
        with pq.ParquetFile(path) as file:
            size, schema = file.metadata.num_rows, file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{path} is not a Parquet file that can be read: {error}") from error
    if size == 0:
        raise TableError(f"{path} is empty: it has no rows.")
    flat = _flat_schema(schema)
    for name in flat.names:
        if flat.names.count(name) > 1:
            raise TableError(
                f"{path} has {flat.names.count(name)} columns named '{name}': rename them."
            )
    types = {field.name: str(field.type) for field in flat}
    names = [str(number) for number in range(len(types))] if numbered else list(types)
    return ParquetTable(path, types, names, size)


def _flat_schema(schema: pa.Schema) -> pa.Schema:
    return _flat(schema.empty_table()).schema


def _flat(rows: pa.Table | pa.RecordBatch) -> pa.Table:
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _batch(columns: dict[str, list[str]], done: int, rows: int) -> Batch:
    def text(row: int) -> str:
        return ",".join(cells[row] for cells in columns.values() if cells[row])

    return Batch(range(done + 1, done + rows + 1), columns, text, done + rows)


def _texts(column: pa.ChunkedArray) -> list[str]:
    """Numbers as they are written (a whole float without its point), times as ISO 8601 in UTC,
    lists with | between their values, nulls empty. What is no UTF-8 keeps its bytes, for the row
    alone to be rejected."""
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [(cell or b"").decode("utf-8", "surrogateescape") for cell in column.to_pylist()]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_joined(cells) for cells in column.to_pylist()]
    if pa.types.is_floating(kind):
        column = _whole(column)
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("ms"), safe=False)
    return [text or "" for text in column.cast(pa.string()).to_pylist()]


def _joined(cells: list[object] | None) -> str:
    return _BETWEEN_VALUES.join("" if cell is None else str(cell) for cell in cells or ())


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # Nulls turn pandas' whole numbers into floats; as text they would be `1e+15`.
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:  # a fraction among them
        return column
