import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.generator.importing.reading.parquet import ParquetTable, open_parquet
from services.generator.importing.reading.table import TableError


def write(folder: Path, columns: dict[str, object]) -> Path:
    path = folder / "data.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path


def cells_of(table: ParquetTable) -> list[tuple[str, ...]]:
    batches = table.batches(2, table.names)
    return [row for b in batches for row in zip(*b.columns.values(), strict=True)]


def test_rows_come_in_order_and_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, {"user_id": ["u1", "u2", "u3"], "x": [0, 0, 0], "item_id": [7, 8, 9]})
    table = open_parquet(path)

    batches = list(table.batches(2, ["user_id", "item_id"]))

    assert [batch.done for batch in batches] == [2, 3]
    assert table.size == 3
    assert list(batches[1].lines) == [3]
    assert batches[1].columns == {"user_id": ["u3"], "item_id": ["9"]}
    assert batches[1].text(0) == "u3,9"


def test_cells_are_what_a_csv_would_hold(tmp_path: Path) -> None:
    noon = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
    columns = {
        "user": pa.array([1.0, None, 1234567890123.0]),  # as pandas writes whole numbers and nulls
        "item": pa.array(["a", "b", "a"]).dictionary_encode(),
        "rating": pa.array([4.2, 5.0, None], pa.float32()),
        "time": pa.array([noon, None, noon], pa.timestamp("us", tz="America/New_York")),
    }

    assert cells_of(open_parquet(write(tmp_path, columns))) == [
        ("1", "a", "4.2", "2024-05-01 12:00:00.000"),
        ("", "b", "5", ""),
        ("1234567890123", "a", "", "2024-05-01 12:00:00.000"),
    ]


def test_a_value_that_is_no_utf_8_is_left_to_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, {"user": [b"ab", b"\xff"], "item": ["a", "b"]})

    assert [user for user, _ in cells_of(open_parquet(path))] == ["ab", "\udcff"]


def test_two_columns_of_one_name_are_an_error_in_words(tmp_path: Path) -> None:
    table = pa.table([["u"], ["i"], ["v"]], names=["user", "item", "user"])
    path = tmp_path / "twice.parquet"
    pq.write_table(table, path)

    with pytest.raises(TableError, match="2 columns named 'user'"):
        open_parquet(path)


def test_columns_may_be_numbers(tmp_path: Path) -> None:
    table = open_parquet(write(tmp_path, {"a": ["i1"], "b": ["u1"]}), numbered=True)

    assert table.names == ["0", "1"]
    assert cells_of(table) == [("i1", "u1")]


def test_fields_of_structs_have_dotted_names_and_lists_are_joined(tmp_path: Path) -> None:
    columns = {"user": [{"id": "u1", "home": {"city": "Bern"}}], "tags": [["new", "sale"]]}
    table = open_parquet(write(tmp_path, columns))

    assert table.names == ["user.id", "user.home.city", "tags"]
    assert cells_of(table) == [("u1", "Bern", "new|sale")]


def test_an_empty_file_and_one_of_another_kind_are_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="is empty"):
        open_parquet(write(tmp_path, {"user": [], "item": []}))
    other = tmp_path / "other.parquet"
    other.write_text("user,item\n", encoding="utf-8")
    with pytest.raises(TableError, match="not a Parquet file"):
        open_parquet(other)
