"""Files of lines with a delimiter between the cells: CSV, TSV, MovieLens' `::`; gzip or not."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from services.generator.importing.reading.lines import Encoding, Lines, find_encoding, open_text
from services.generator.importing.reading.table import Batch, Problem, Reject, TableError, listed

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "|", "::": "::"}

_LINE_BREAK = re.compile(r"[\r\n]")
_SAMPLE_LINES = 100
_MARK = re.compile("sep=([,;\t|])", re.IGNORECASE)  # by which Excel tells itself the delimiter


@dataclass(frozen=True)
class DelimitedTable:
    """A file whose rows have as many cells as it has `names`."""

    path: Path
    delimiter: str
    encoding: Encoding
    has_header: bool
    names: list[str]
    notes: list[str] = field(default_factory=list)
    has_mark: bool = False
    """Whether its first line is Excel's `sep=;`."""
    unit = "B"

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def format(self) -> str:
        zipped = ", gzip" if self.path.suffix == ".gz" else ""
        header = "" if self.has_header else ", without a header"
        kind = "TSV" if self.delimiter == "\t" else f"CSV with {DELIMITERS[self.delimiter]}"
        return f"{kind}{zipped}, {self.encoding}{header}"

    @property
    def point_decimals(self) -> bool:
        """A file with commas between its cells comes from where numbers are written 1.5."""
        return self.delimiter == ","

    def batches(
        self, rows: int, names: Sequence[str], one_line: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """Rows in order; those with another number of cells are broken."""
        positions = {name: self.names.index(name) for name in names}
        whole = [self.names.index(name) for name in one_line]
        with open_text(self.path, self.encoding) as (file, text):
            lines = Lines(text)
            self._skip_header(lines)
            while block := lines.take(rows):
                taken = self._read_lines(lines.number, block)
                if taken is None:
                    lines.give_back()
                    taken = self._read_rows(lines, rows, whole)
                yield self._batch(taken, positions, file.tell())

    def _skip_header(self, lines: Lines) -> None:
        if self.has_mark:
            next(lines)
        if self.has_header:  # empty lines may come before it
            next(filter(None, split_lines(lines, self.delimiter)), None)

    def _batch(self, taken: "_Taken", positions: dict[str, int], done: int) -> Batch:
        columns = list(zip(*taken.cells, strict=True)) or [()] * len(self.names)
        chosen = {name: list(columns[position]) for name, position in positions.items()}
        texts = taken.texts
        return Batch(taken.lines, chosen, lambda row: texts[row].rstrip("\r\n"), done, taken.broken)

    def _read_lines(self, first: int, block: list[str]) -> "_Taken | None":
        """The block's rows where each of them is one line, or else None."""
        try:
            rows = list(split_lines(block, self.delimiter))
        except csv.Error:
            return None
        if len(rows) != len(block) or not self._is_closed(block[-1]):
            return None
        width = len(self.names)
        if all(len(cells) == width for cells in rows):
            return _Taken(range(first, first + len(rows)), rows, block)
        taken = _Taken([], [], [])
        for line, (cells, text) in enumerate(zip(rows, block, strict=True), start=first):
            self._take(taken, line, cells, text)
        return taken

    def _is_closed(self, line: str) -> bool:
        """Whether no cell of the line goes on in the next one."""
        return '"' not in line or len(list(split_lines([line, "x"], self.delimiter))) == 2

    def _read_rows(self, lines: Lines, count: int, whole: Sequence[int]) -> "_Taken":
        """Up to `count` rows, which may take several lines; the cells at `whole` may not."""
        taken = _Taken([], [], [])
        split = split_lines(lines, self.delimiter)
        for _ in range(count):
            lines.begin_row()
            try:
                cells = next(split)
            except StopIteration:
                break
            except csv.Error as error:  # a cell without end
                self._break_off(taken, lines, str(error))
                continue
            if cells and len(cells) != len(self.names):
                self._break_off(taken, lines, self._other_width(cells))
            elif lines.in_row > 1 and any(_LINE_BREAK.search(cells[at]) for at in whole):
                self._break_off(taken, lines, "a line break in a column that is needed")
            else:
                self._take(taken, lines.number, cells, lines.text())
        lines.begin_row()
        return taken

    def _take(self, taken: "_Taken", line: int, cells: list[str], text: str) -> None:
        if len(cells) == len(self.names):
            taken.add(line, cells, text)
        elif cells:  # an empty line is no row
            text = text.rstrip("\r\n")
            taken.broken.append(self._reject(line, self._other_width(cells), text))

    def _other_width(self, cells: list[str]) -> str:
        return f"{len(cells)} columns instead of {len(self.names)}"

    def _break_off(self, taken: "_Taken", lines: Lines, reason: str) -> None:
        # A quote that nobody closed takes in the lines after it: those get another chance.
        lines.keep_only_first()
        taken.broken.append(self._reject(lines.number, reason, lines.text()))

    def _reject(self, line: int, reason: str, text: str) -> Reject:
        return Reject(self.name, line, Problem(reason, reason), text)


@dataclass(frozen=True)
class _Taken:
    """Rows as they were split, with their first lines and their texts."""

    lines: range | list[int]
    cells: list[list[str]]
    texts: list[str]
    broken: list[Reject] = field(default_factory=list)

    def add(self, line: int, cells: list[str], text: str) -> None:
        assert isinstance(self.lines, list)
        self.lines.append(line)
        self.cells.append(cells)
        self.texts.append(text)


def split_lines(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each row; [] for an empty line. Quotes count only with one-letter delimiters."""
    if len(delimiter) == 1:
        return csv.reader(lines, delimiter=delimiter)
    stripped = (line.rstrip("\r\n") for line in lines)
    return (line.split(delimiter) if line else [] for line in stripped)


def open_delimited(
    path: Path, *, has_header: bool = True, encoding: str | None = None
) -> DelimitedTable:
    """The file with its delimiter guessed; without a header its columns are numbers from 0.

    Raises TableError for what is no table.
    """
    found = find_encoding(path, encoding)
    sample = _sample(path, found)
    mark = _MARK.fullmatch(sample[0].strip("\r\n"))
    sample = sample[1:] if mark else sample
    if not sample:
        raise TableError(f"{path} is empty.")
    if has_header and not _is_text(sample[0]):
        raise TableError(
            f"{path} has a header that is not {found}: save the file as UTF-8, or name its "
            "--encoding."
        )
    among = [mark[1]] if mark else list(DELIMITERS)
    delimiter, width = _guess_delimiter(sample, has_header, among)
    if width < 2:
        raise TableError(
            f"{path} has one column (no comma, semicolon, tab, | or :: that its lines agree on): "
            "at least two are needed."
        )
    notes = [found.note] if found.note else []
    if not has_header:
        names = [str(number) for number in range(width)]
        return DelimitedTable(path, delimiter, found, False, names, notes, mark is not None)
    header = [cell.strip() for cell in next(split_lines(sample, delimiter))]
    if _end_with_delimiter(sample[1:], delimiter, width):
        header.append("")
    names = _different(header)
    if renamed := [name for name, cell in zip(names, header, strict=True) if name != cell]:
        notes.append(f"columns without a name of their own are called {listed(renamed)}")
    return DelimitedTable(path, delimiter, found, True, names, notes, mark is not None)


def _end_with_delimiter(rows: list[str], delimiter: str, width: int) -> bool:
    """Whether every row has an empty cell at its end that the header has not."""
    try:
        cells = [cells for cells in split_lines(rows, delimiter) if cells]
    except csv.Error:
        return False
    return bool(cells) and all(len(row) == width + 1 and not row[-1].strip() for row in cells)


def _different(header: list[str]) -> list[str]:
    """Names of which no two are equal and none is empty."""
    names: list[str] = []
    for number, cell in enumerate(header):
        name = cell or f"column {number}"
        same = header[:number].count(cell)
        names.append(f"{name} ({same + 1})" if cell and same else name)
    return names


def _sample(path: Path, encoding: Encoding) -> list[str]:
    with open_text(path, encoding) as (_, text):
        lines = list(islice(Lines(text), _SAMPLE_LINES))
    if any("\0" in line for line in lines):
        raise TableError(
            f"{path} is no text file (it holds NUL bytes): CSV, JSON lines, both gzipped too, and "
            "Parquet can be imported; save it as one of them."
        )
    filled = [line for line in lines if line.strip()]
    if not filled:
        raise TableError(f"{path} is empty.")
    return filled


def _is_text(line: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in line)


def _guess_delimiter(sample: list[str], has_header: bool, among: Sequence[str]) -> tuple[str, int]:
    """The delimiter by which most lines have as many cells as the first (without a header: as
    most have), more cells before fewer; and that number."""
    scores = []
    for delimiter in among:
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
