"""Which kind of table a file is."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from services.generator.importing.reading.delimited import open_delimited
from services.generator.importing.reading.json_lines import begins_with_json, open_json_lines
from services.generator.importing.reading.table import Table, TableError

_JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def open_table(path: Path, columns: Sequence[str] = (), encoding: str | None = None) -> Table:
    """The table in a file, by its content; `columns` are those that somebody asked for.

    Columns given as numbers say that there is no header. Raises TableError, which says what would
    do, where it is none.
    """
    if not path.exists():
        raise TableError(f"{path} does not exist.")
    if path.is_dir():
        raise TableError(f"{path} is a folder: give one file.")
    try:
        return _open(path, columns, encoding)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error


def numbered(columns: Sequence[str]) -> bool:
    """Whether columns are given by their numbers; TableError where only some are."""
    numbers = [column.isdecimal() for column in columns]
    if any(numbers) and not all(numbers):
        raise TableError(
            f"Columns are given as {', '.join(columns)}: give all of them as names, or all as "
            "numbers from 0 for a file without a header."
        )
    return any(numbers)


def _open(path: Path, columns: Sequence[str], encoding: str | None) -> Table:
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning == b"PAR1" or path.suffix == ".parquet":
        # Imported here: who imports a CSV does not wait for Arrow.
        from services.generator.importing.reading.parquet import open_parquet

        own = open_parquet(path)
        by_number = not set(columns) <= set(own.names) and numbered(columns)
        return open_parquet(path, numbered=True) if by_number else own
    if beginning == b"PK\x03\x04":
        raise TableError(_what_to_do_with_a_zip(path))
    if beginning == _OLD_EXCEL:
        raise TableError(_excel(path))
    if path.name.lower().endswith(_JSON_LINES) or begins_with_json(path):
        return open_json_lines(path, encoding=encoding)
    return open_delimited(path, has_header=not numbered(columns), encoding=encoding)


def _what_to_do_with_a_zip(path: Path) -> str:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.startswith("xl/") for name in archive.namelist()):
                return _excel(path)
    return f"{path} is a zip archive: unpack it, and give what was in it."


def _excel(path: Path) -> str:
    return (
        f"{path} is an Excel workbook: save its sheet as CSV (in Excel: Save as, "
        "CSV UTF-8), and import that."
    )
