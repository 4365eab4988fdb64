import csv
import gzip
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generator.importing.reading.delimited import DelimitedTable, open_delimited
from services.generator.importing.reading.lines import Encoding
from services.generator.importing.reading.table import Problem, Reject, TableError
from tests.properties import checked


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class Row(NamedTuple):
    line: int
    text: str
    cells: tuple[str, ...]


def rows_of(table: DelimitedTable, *names: str) -> list[Row | Reject]:
    """All rows in their order, with the cells of some columns (all without names)."""
    needed = list(names) or table.names
    rows: list[Row | Reject] = []
    for batch in table.batches(2, needed, one_line=needed):
        cells = zip(*(batch.columns[name] for name in needed), strict=True)
        good = [
            Row(line, batch.text(place), row)
            for place, (line, row) in enumerate(zip(batch.lines, cells, strict=True))
        ]
        rows += sorted([*good, *batch.broken], key=lambda row: row.line)
    return rows


def good_rows(table: DelimitedTable, *names: str) -> list[tuple[str, ...]]:
    return [row.cells for row in rows_of(table, *names) if isinstance(row, Row)]


def reject(line: int, reason: str, text: str) -> Reject:
    return Reject("data.csv", line, Problem(reason, reason), text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "::"])
def test_the_delimiter_is_guessed(tmp_path: Path, delimiter: str) -> None:
    lines = [["user_id", "item_id", "rating"], ["u1", "i1", "5"], ["u2", "i2", "4"]]
    path = write(tmp_path, "\n".join(delimiter.join(line) for line in lines))

    assert good_rows(open_delimited(path)) == [("u1", "i1", "5"), ("u2", "i2", "4")]


def test_decimal_commas_do_not_mislead_the_guess(tmp_path: Path) -> None:
    path = write(tmp_path, "u1;i1;4,5\nu2;i2;3,0\n")

    assert good_rows(open_delimited(path, has_header=False)) == [
        ("u1", "i1", "4,5"),
        ("u2", "i2", "3,0"),
    ]


def test_without_a_header_columns_are_numbers(tmp_path: Path) -> None:
    table = open_delimited(write(tmp_path, "i1,u1,5\ni2,u2,4\n"), has_header=False)

    assert table.names == ["0", "1", "2"]
    assert rows_of(table, "1", "0")[0] == Row(1, "i1,u1,5", ("u1", "i1"))


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffuser_id,item_id\r\nu1,i1\r\n")

    assert good_rows(open_delimited(path)) == [("u1", "i1")]


def test_quotes_hold_delimiters_and_line_breaks_of_columns_nobody_needs(tmp_path: Path) -> None:
    path = write(tmp_path, 'user_id,review,item_id\nu1,"good,\nvery",i1\nu2,bad,"i,2"\n')

    rows = rows_of(open_delimited(path), "user_id", "item_id")

    assert [row.line for row in rows] == [2, 4]
    assert rows[0].text == 'u1,"good,\nvery",i1'
    assert good_rows(open_delimited(path), "user_id", "item_id") == [("u1", "i1"), ("u2", "i,2")]


def test_a_stray_quote_costs_its_own_line_alone(tmp_path: Path) -> None:
    lines = ["user_id,item_id,rating", 'u1,"i1,5', "u2,i2,4", 'u3,i"3,3', 'u4,"i4,2', "u5,i5,1"]
    path = write(tmp_path, "\n".join(lines))

    rows = rows_of(open_delimited(path))

    assert [row.line for row in rows if isinstance(row, Reject)] == [2, 5]
    assert [row.text for row in rows] == lines[1:]
    assert good_rows(open_delimited(path)) == [
        ("u2", "i2", "4"),
        ("u3", 'i"3', "3"),
        ("u5", "i5", "1"),
    ]


def test_a_stray_quote_whose_row_would_fit_makes_no_item_of_two_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'user_id,item_id,rating\nu1,"i1,5\nu2",4\nu3,i3,3\n')

    first, *_ = rows_of(open_delimited(path))

    assert first == reject(2, "a line break in a column that is needed", 'u1,"i1,5')


def test_a_quote_without_end_in_a_long_file_costs_one_line(tmp_path: Path) -> None:
    lines = [f"u{n},i{n}" for n in range(30_000)]  # more than the csv module takes as one cell
    path = write(tmp_path, "\n".join(["user_id,item_id", 'u,"i', *lines]))

    rows = rows_of(open_delimited(path))

    assert isinstance(rows[0], Reject)
    assert [row.text for row in rows[1:]] == lines
    assert rows[-1].line == 30_002


def test_rows_of_another_width_are_rejected_and_empty_lines_skipped(tmp_path: Path) -> None:
    path = write(tmp_path, "\nuser_id,item_id\nu1,i1\n\nu2\nu3,i3,x\n\n")

    assert rows_of(open_delimited(path))[1:] == [
        reject(5, "1 columns instead of 2", "u2"),
        reject(6, "3 columns instead of 2", "u3,i3,x"),
    ]


def test_gzip_is_read_as_what_is_in_it_and_progress_counts_compressed_bytes(
    tmp_path: Path,
) -> None:
    lines = "".join(f"u{n},i{n}\n" for n in range(5_000))
    path = write(tmp_path, gzip.compress(f"user,item\n{lines}".encode()), "data.csv.gz")
    table = open_delimited(path)

    batches = list(table.batches(1_000, table.names))

    assert [len(batch) for batch in batches] == [1_000] * 5
    assert batches[-1].done == table.size == path.stat().st_size


def test_damaged_gzip_is_told_in_words(tmp_path: Path) -> None:
    whole = gzip.compress(b"user,item\n" + b"".join(b"u%d,i%d\n" % (n, n) for n in range(50_000)))
    path = write(tmp_path, whole[: len(whole) // 2], "data.csv.gz")

    with pytest.raises(TableError, match=r"data\.csv\.gz is damaged gzip data"):
        open_delimited(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"user,item\nu1,\0\n", "is no text file"),
        (b"user_id\nu1\n", "has one column"),
        (b"\x1f\x8bnothing", "damaged gzip"),
    ],
)
def test_what_is_no_table_is_told_in_words(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(TableError, match=reason):
        open_delimited(write(tmp_path, content))


def test_a_file_in_windows_1252_is_read_as_such_and_says_so(tmp_path: Path) -> None:
    table = open_delimited(write(tmp_path, "user,größe\nJürgen,1 €\n".encode("cp1252")))

    assert table.names == ["user", "größe"]
    assert good_rows(table) == [("Jürgen", "1 €")]
    assert "read as Windows-1252" in table.notes[0]
    assert table.format == "CSV with commas, Windows-1252"


def test_a_line_that_is_no_utf_8_among_others_that_are_is_left_to_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, "user,item\nJürgen,1\n".encode() + b"J\xfcrgen,2\n")

    assert good_rows(open_delimited(path)) == [("Jürgen", "1"), ("J\udcfcrgen", "2")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_read_by_its_mark_or_by_name(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "user,item\nü1,i1\n".encode(encoding))
    named = encoding if encoding == "utf-16-le" else None

    assert good_rows(open_delimited(path, encoding=named)) == [("ü1", "i1")]


def test_an_encoding_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "user,item\nŻ,1\n".encode("iso-8859-2"))

    assert good_rows(open_delimited(path, encoding="iso-8859-2")) == [("Ż", "1")]
    with pytest.raises(TableError, match="--encoding 'klingon'"):
        open_delimited(path, encoding="klingon")


def test_the_line_by_which_excel_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    path = write(tmp_path, "sep=;\r\nuser;item,name\r\nu1;i1,1\r\n")

    assert [row.line for row in rows_of(open_delimited(path))] == [3]
    assert good_rows(open_delimited(path)) == [("u1", "i1,1")]


def test_rows_may_end_with_a_delimiter_that_the_header_has_not(tmp_path: Path) -> None:
    table = open_delimited(write(tmp_path, "user,item\nu1,i1,\nu2,i2,\n"))

    assert table.names == ["user", "item", "column 2"]
    assert good_rows(table, "user", "item") == [("u1", "i1"), ("u2", "i2")]


def test_columns_without_a_name_of_their_own_get_one_and_are_told(tmp_path: Path) -> None:
    table = open_delimited(write(tmp_path, "user,,item,user\nu1,x,i1,u2\n"))

    assert table.names == ["user", "column 1", "item", "user (2)"]
    assert "'column 1', 'user (2)'" in table.notes[0]


def test_breaks_inside_of_columns_that_may_hold_them_stay(tmp_path: Path) -> None:
    path = write(tmp_path, 'user,note\nu1,"two\nlines"\n')
    (batch,) = open_delimited(path).batches(10, ["user", "note"], one_line=["user"])

    assert batch.columns == {"user": ["u1"], "note": ["two\nlines"]}
    assert batch.broken == []


QUOTED = st.text("ab\"',; \n", max_size=4)


@checked
@given(rows=st.lists(st.tuples(QUOTED, QUOTED), min_size=1, max_size=12), size=st.integers(1, 5))
def test_what_csv_writes_is_read_as_csv_reads_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], size: int
) -> None:
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([("user", "item"), *rows])
    table = DelimitedTable(path, ",", Encoding("utf-8-sig"), True, ["user", "item"])

    batches = list(table.batches(size, ["user", "item"]))

    read = [row for b in batches for row in zip(*b.columns.values(), strict=True)]
    assert read == rows
