import gzip
from pathlib import Path

import pytest
from services.generator.importing.columns import Columns
from services.generator.importing.delimited import DelimitedTable, open_delimited
from services.generator.importing.raw_rows import Cells, RawRow, Reject, TableError


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(table: DelimitedTable) -> list[RawRow | Reject]:
    return [row for batch in table.batches(2) for row in batch.rows]


def good_rows(table: DelimitedTable) -> list[tuple[str | None, ...]]:
    return [tuple(row.cells[:3]) for row in rows_of(table) if isinstance(row, RawRow)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "::"])
def test_the_delimiter_is_guessed(tmp_path: Path, delimiter: str) -> None:
    lines = [["user_id", "item_id", "rating"], ["u1", "i1", "5"], ["u2", "i2", "4"]]
    path = write(tmp_path, "\n".join(delimiter.join(line) for line in lines))

    assert good_rows(open_delimited(path, Columns())) == [("u1", "i1", "5"), ("u2", "i2", "4")]


def test_decimal_commas_do_not_mislead_the_guess(tmp_path: Path) -> None:
    path = write(tmp_path, "u1;i1;4,5\nu2;i2;3,0\n")

    assert good_rows(open_delimited(path, Columns("0", "1", "2"))) == [
        ("u1", "i1", "4,5"),
        ("u2", "i2", "3,0"),
    ]


def test_columns_are_picked_by_number_without_a_header(tmp_path: Path) -> None:
    path = write(tmp_path, "i1,u1,5\ni2,u2,4\n")

    assert rows_of(open_delimited(path, Columns("1", "0")))[0] == RawRow(
        1, "i1,u1,5", Cells("u1", "i1", None, None, None)
    )


def test_a_header_is_not_taken_for_a_row_when_columns_are_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "user_id,item_id\nu1,i1\n")

    with pytest.raises(TableError, match=r"begins with a header \(user_id, item_id\)"):
        open_delimited(path, Columns("0", "1"))


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeffuser_id,item_id\r\nu1,i1\r\n")

    assert good_rows(open_delimited(path, Columns())) == [("u1", "i1", None)]


def test_quotes_hold_delimiters_and_line_breaks_of_columns_nobody_needs(tmp_path: Path) -> None:
    path = write(tmp_path, 'user_id,review,item_id\nu1,"good,\nvery",i1\nu2,bad,"i,2"\n')

    rows = rows_of(open_delimited(path, Columns()))

    assert [row.line for row in rows] == [2, 4]
    assert rows[0].text == 'u1,"good,\nvery",i1'
    assert good_rows(open_delimited(path, Columns())) == [("u1", "i1", None), ("u2", "i,2", None)]


def test_a_stray_quote_costs_its_own_line_alone(tmp_path: Path) -> None:
    lines = ["user_id,item_id,rating", 'u1,"i1,5', "u2,i2,4", 'u3,i"3,3', 'u4,"i4,2', "u5,i5,1"]
    path = write(tmp_path, "\n".join(lines))

    rows = rows_of(open_delimited(path, Columns()))

    assert [row.line for row in rows if isinstance(row, Reject)] == [2, 5]
    assert [row.text for row in rows] == lines[1:]
    assert good_rows(open_delimited(path, Columns())) == [
        ("u2", "i2", "4"),
        ("u3", 'i"3', "3"),
        ("u5", "i5", "1"),
    ]


def test_a_stray_quote_whose_row_would_fit_makes_no_item_of_two_lines(tmp_path: Path) -> None:
    path = write(tmp_path, 'user_id,item_id,rating\nu1,"i1,5\nu2",4\nu3,i3,3\n')

    first, *_ = rows_of(open_delimited(path, Columns()))

    assert first == Reject("data.csv", 2, "a line break in a column that is needed", 'u1,"i1,5')


def test_a_quote_without_end_in_a_long_file_costs_one_line(tmp_path: Path) -> None:
    lines = [f"u{n},i{n}" for n in range(30_000)]  # more than the csv module takes as one cell
    path = write(tmp_path, "\n".join(["user_id,item_id", 'u,"i', *lines]))

    rows = rows_of(open_delimited(path, Columns()))

    assert isinstance(rows[0], Reject)
    assert [row.text for row in rows[1:]] == lines
    assert rows[-1].line == 30_002


def test_rows_of_another_width_are_rejected_and_empty_lines_skipped(tmp_path: Path) -> None:
    path = write(tmp_path, "\nuser_id,item_id\nu1,i1\n\nu2\nu3,i3,x\n\n")

    assert rows_of(open_delimited(path, Columns()))[1:] == [
        Reject("data.csv", 5, "1 columns instead of 2", "u2"),
        Reject("data.csv", 6, "3 columns instead of 2", "u3,i3,x"),
    ]


def test_gzip_is_read_as_what_is_in_it_and_progress_counts_compressed_bytes(
    tmp_path: Path,
) -> None:
    lines = "".join(f"u{n},i{n}\n" for n in range(5_000))
    path = write(tmp_path, gzip.compress(f"user,item\n{lines}".encode()), "data.csv.gz")
    table = open_delimited(path, Columns())

    batches = list(table.batches(1_000))

    assert [len(batch.rows) for batch in batches] == [1_000] * 5
    assert batches[-1].done == table.size == path.stat().st_size


def test_damaged_gzip_is_told_in_words(tmp_path: Path) -> None:
    whole = gzip.compress(b"user,item\n" + b"".join(b"u%d,i%d\n" % (n, n) for n in range(50_000)))
    path = write(tmp_path, whole[: len(whole) // 2], "data.csv.gz")
    table = open_delimited(path, Columns())

    with pytest.raises(TableError, match=r"data\.csv\.gz is damaged gzip data"):
        rows_of(table)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        ("user,item\nu1,i1\n".encode("utf-16"), "not a text file in UTF-8"),
        (b"user_id\nu1\n", "has one column"),
        (b"user_id,item_id,caf\xe9\nu1,i1,x\n", "header that is not UTF-8"),
        (b"\x1f\x8bnothing", "damaged gzip"),
    ],
)
def test_what_is_no_table_is_told_in_words(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(TableError, match=reason):
        open_delimited(write(tmp_path, content), Columns())
