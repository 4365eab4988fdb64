import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from services.generator.importing.columns import ColumnError, Columns
from services.generator.importing.parquet import ParquetTable, open_parquet
from services.generator.importing.raw_rows import Cells, RawRow, TableError


def write(folder: Path, columns: dict[str, object]) -> Path:
    path = folder / "data.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path


def cells_of(table: ParquetTable) -> list[Cells]:
    rows = [row for batch in table.batches(2) for row in batch.rows]
    return [row.cells for row in rows if isinstance(row, RawRow)]


def test_rows_come_in_order_and_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, {"user_id": ["u1", "u2", "u3"], "x": [0, 0, 0], "item_id": [7, 8, 9]})
    table = open_parquet(path, Columns())

    batches = list(table.batches(2))

    assert [batch.done for batch in batches] == [2, 3]
    assert table.size == 3
    assert batches[1].rows == [RawRow(3, "u3,9", Cells("u3", "9", None, None, None))]


def test_cells_are_what_a_csv_would_hold(tmp_path: Path) -> None:
    noon = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
    columns = {
        "user": pa.array([1.0, None, 1234567890123.0]),  # as pandas writes whole numbers and nulls
        "item": pa.array(["a", "b", "a"]).dictionary_encode(),
        "rating": pa.array([4.2, 5.0, None], pa.float32()),
        "time": pa.array([noon, None, noon], pa.timestamp("us", tz="America/New_York")),
    }

    assert cells_of(open_parquet(write(tmp_path, columns), Columns())) == [
        Cells("1", "a", "4.2", "2024-05-01 12:00:00.000", None),
        Cells("", "b", "5", "", None),
        Cells("1234567890123", "a", "", "2024-05-01 12:00:00.000", None),
    ]


def test_a_value_that_is_no_utf_8_is_left_to_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, {"user": [b"ab", b"\xff"], "item": ["a", "b"]})

    assert [row.user for row in cells_of(open_parquet(path, Columns()))] == ["ab", "\udcff"]


def test_two_columns_of_one_name_are_an_error_in_words(tmp_path: Path) -> None:
    table = pa.table([["u"], ["i"], ["v"]], names=["user", "item", "user"])
    path = tmp_path / "twice.parquet"
    pq.write_table(table, path)

    with pytest.raises(TableError, match="2 columns named 'user'"):
        open_parquet(path, Columns())


def test_columns_may_be_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": ["i1"], "b": ["u1"]})

    assert cells_of(open_parquet(path, Columns("1", "0"))) == [Cells("u1", "i1", None, None, None)]


def test_a_missing_column_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": ["i1"], "b": ["u1"]})

    with pytest.raises(ColumnError, match=r"no column 'who' .*'a', 'b'"):
        open_parquet(path, Columns("who", "a"))


def test_a_column_that_is_no_text_is_told_in_words(tmp_path: Path) -> None:
    path = write(tmp_path, {"user": [["u1"]], "item": ["i1"]})

    with pytest.raises(TableError, match=r"data\.parquet cannot be read after row 0"):
        cells_of(open_parquet(path, Columns()))


def test_an_empty_file_and_one_of_another_kind_are_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is empty"):
        open_parquet(write(tmp_path, {"user": [], "item": []}), Columns())
    other = tmp_path / "other.parquet"
    other.write_text("user,item\n", encoding="utf-8")
    with pytest.raises(TableError, match="not a Parquet file"):
        open_parquet(other, Columns())
