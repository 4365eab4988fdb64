import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.generator.importing.reading.files import open_table
from services.generator.importing.reading.table import TableError


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "format_"),
    [
        ("a.csv", b"user,item\nu1,i1\n", "CSV with commas, UTF-8"),
        ("a.txt", b"user;item\nu1;i1\n", "CSV with semicolons, UTF-8"),
        ("a.csv", b"user\titem\nu1\ti1\n", "TSV, UTF-8"),
        ("a.ndjson", b'{"user": 1}\n', "JSON lines, UTF-8"),
        ("a.log", b'\xef\xbb\xbf\n{"user": 1}\n', "JSON lines, UTF-8"),
        ("a.jsonl", b'{"user": 1}\n[1]\n', "JSON lines, UTF-8"),
    ],
)
def test_the_kind_of_a_file_is_told_by_what_is_in_it(
    tmp_path: Path, name: str, content: bytes, format_: str
) -> None:
    assert open_table(write(tmp_path / name, content)).format == format_


def test_parquet_is_known_by_its_content_and_may_be_numbered(tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    pq.write_table(pa.table({"user": ["u1"], "item": ["i1"]}), path)

    assert open_table(path).names == ["user", "item"]
    assert open_table(path, ["1", "0"]).names == ["0", "1"]


def test_numbers_say_that_there_is_no_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"u1,i1\nu2,i2\n")

    assert open_table(path, ["0", "1"]).format == "CSV with commas, UTF-8, without a header"


def test_names_and_numbers_do_not_mix(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"u1,i1\nu2,i2\n")

    with pytest.raises(TableError, match=r"given as user, 1: give all of them as names"):
        open_table(path, ["user", "1"])


def test_a_workbook_is_to_be_saved_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")

    with pytest.raises(TableError, match=r"orders\.xlsx is an Excel workbook: save .* as CSV"):
        open_table(path)
    old = write(tmp_path / "orders.xls", b"\xd0\xcf\x11\xe0rest")
    with pytest.raises(TableError, match=r"orders\.xls is an Excel workbook"):
        open_table(old)


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"ml\.zip is a zip archive: unpack it"):
        open_table(write(tmp_path / "ml.zip", b"PK\x03\x04rest"))


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nothing\.csv does not exist"):
        open_table(tmp_path / "nothing.csv")
    with pytest.raises(TableError, match="is a folder"):
        open_table(tmp_path)
