"""Files of lines with a delimiter between the cells: CSV, TSV, MovieLens' `::`; gzip or not."""

import csv
import gzip
import io
import re
import zlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from services.generator.importing.columns import Columns
from services.generator.importing.raw_rows import Cells, RawRow, Reject, RowBatch, TableError

DELIMITERS = (",", ";", "\t", "|", "::")
_LINE_BREAK = re.compile(r"[\r\n]")
_SAMPLE_LINES = 100
_LONGEST_LINE = 1 << 20  # characters; a longer line is read in pieces, so that memory is bounded


@dataclass(frozen=True)
class DelimitedTable:
    """A file whose rows have `width` cells; `positions` says where each role's cell stands."""

    path: Path
    delimiter: str
    width: int
    has_header: bool
    columns: Columns
    positions: list[int | None]
    unit = "B"

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def batches(self, rows: int) -> Iterator[RowBatch]:
        """Rows in order; those with another number of cells come as rejects."""
        with open_text(self.path) as (file, text):
            remaining = self._rows(Lines(text))
            while block := list(islice(remaining, rows)):
                yield RowBatch(block, file.tell())

    def _rows(self, lines: "Lines") -> Iterator[RawRow | Reject]:
        split = split_lines(lines, self.delimiter)
        if self.has_header:
            next(filter(None, split), None)  # empty lines may come before it
        while True:
            lines.begin_row()
            try:
                cells = next(split)
            except StopIteration:
                return
            except csv.Error as error:  # a cell without end
                yield self._reject(lines, str(error))
                continue
            if len(cells) == self.width:
                yield self._row(lines, self._pick(cells))
            elif cells:  # an empty line is no row
                yield self._reject(lines, f"{len(cells)} columns instead of {self.width}")

    def _row(self, lines: "Lines", cells: Cells) -> RawRow | Reject:
        if lines.in_row > 1 and any(cell and _LINE_BREAK.search(cell) for cell in cells):
            return self._reject(lines, "a line break in a column that is needed")
        return RawRow(lines.number, lines.text(), cells)

    def _reject(self, lines: "Lines", reason: str) -> Reject:
        # A quote that nobody closed takes in the lines after it: those get another chance.
        lines.keep_only_first()
        return Reject(self.name, lines.number, reason, lines.text())

    def _pick(self, cells: list[str]) -> Cells:
        return Cells._make([None if at is None else cells[at] for at in self.positions])


class Lines:
    """Lines that remember which of them the current row took, and can take some back."""

    def __init__(self, text: TextIO) -> None:
        self._read = partial(text.readline, _LONGEST_LINE)
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self.number = 1  # of the row's first line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._row.append(line)
        return line

    @property
    def in_row(self) -> int:
        """How many lines the row takes."""
        return len(self._row)

    def begin_row(self) -> None:
        """What was read so far belongs to earlier rows."""
        self.number += len(self._row)
        self._row.clear()

    def keep_only_first(self) -> None:
        """The row is its first line; the others are read again."""
        self._again.extendleft(reversed(self._row[1:]))
        del self._row[1:]

    def text(self) -> str:
        """The row as it stands in the file, without the end of its line."""
        return "".join(self._row).rstrip("\r\n")


def split_lines(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each row; [] for an empty line. Quotes count only with one-letter delimiters."""
    if len(delimiter) == 1:
        return csv.reader(lines, delimiter=delimiter)
    stripped = (line.rstrip("\r\n") for line in lines)
    return (line.split(delimiter) if line else [] for line in stripped)


@contextmanager
def open_text(path: Path) -> Iterator[tuple[BinaryIO, TextIO]]:
    """The raw file, whose `tell()` is the bytes read so far, and the text in it.

    Bytes that are not UTF-8 stay as surrogates: only the rows that need them are rejected.
    TableError where gzip data is damaged.
    """
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        content = gzip.GzipFile(fileobj=file) if zipped else file
        text = io.TextIOWrapper(content, "utf-8-sig", errors="surrogateescape", newline="")
        try:
            yield file, text
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise TableError(
                f"{path} is damaged gzip data ({error}). Rows before the damage that were already "
                "imported stay; import the intact file again, nothing doubles."
            ) from error


def open_delimited(path: Path, chosen: Columns) -> DelimitedTable:
    """The file with its delimiter guessed and its columns found.

    Columns given as numbers say that there is no header. Raises TableError for what is no table,
    ColumnError where a column is missing.
    """
    has_header = not chosen.numbered()
    sample = _sample(path)
    if has_header and not _is_utf8(sample[0]):
        raise TableError(f"{path} has a header that is not UTF-8: save the file as UTF-8.")
    delimiter, width = _guess_delimiter(sample, has_header)
    if width < 2:
        raise TableError(
            f"{path} has one column (no comma, semicolon, tab, | or :: that its lines agree on): "
            "a user and an item are needed."
        )
    first = [cell.strip() for cell in next(split_lines(sample, delimiter))]
    if not has_header:
        _require_no_header(path, first)
    names = first if has_header else [str(number) for number in range(width)]
    columns = chosen.recognised_in(names)
    positions = columns.positions_in(names, path.name)
    return DelimitedTable(path, delimiter, width, has_header, columns, positions)


def _require_no_header(path: Path, first: list[str]) -> None:
    recognised = Columns().recognised_in(first).named()
    if "user" in recognised and "item" in recognised:
        raise TableError(
            f"{path} begins with a header ({', '.join(first)}): give the columns by these names, "
            "not by numbers."
        )


def _sample(path: Path) -> list[str]:
    with open_text(path) as (_, text):
        lines = list(islice(Lines(text), _SAMPLE_LINES))
    if any("\0" in line for line in lines):
        raise TableError(
            f"{path} is not a text file in UTF-8 (it holds NUL bytes): CSV, gzipped CSV and "
            "Parquet can be imported; save it as one of them."
        )
    filled = [line for line in lines if line.strip()]
    if not filled:
        raise TableError(f"{path} is empty.")
    return filled


def _is_utf8(line: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in line)


def _guess_delimiter(sample: list[str], has_header: bool) -> tuple[str, int]:
    """The delimiter by which most lines have as many cells as the first (without a header: as
    most have), more cells before fewer; and that number."""
    scores = []
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter)
        width = widths[0] if has_header else Counter(widths).most_common(1)[0][0]
        agreeing = widths.count(width) / len(widths) if width > 1 else 0.0
        scores.append((agreeing, width, delimiter))
    _, width, delimiter = max(scores)
    return delimiter, width


def _widths(sample: list[str], delimiter: str) -> list[int]:
    widths = []
    with suppress(csv.Error):  # a cell without end: what came before it tells enough
        for cells in split_lines(sample, delimiter):
            widths.append(len(cells))
    return widths or [1]
