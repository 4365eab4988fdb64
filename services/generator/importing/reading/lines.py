"""The lines of a text file, plain or gzip, in whichever encoding they are written."""

import codecs
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from services.generator.importing.reading.table import TableError

_LONGEST_LINE = 1 << 20  # characters; a longer line is read in pieces, so that memory is bounded
_BLOCK = 1 << 22  # bytes
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# As many lines that are no UTF-8 to one that is UTF-8 beyond ASCII say that all are Windows-1252:
# by chance its letters hardly ever make UTF-8. Below, single lines are damaged.
_TO_ONE = 10


class Encoding(NamedTuple):
    """How a file's bytes are letters; `note` says what was decided, where it is not UTF-8."""

    name: str
    note: str = ""

    def __str__(self) -> str:
        return {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}.get(
            self.name, self.name
        )


def find_encoding(path: Path, chosen: str | None) -> Encoding:
    """The encoding that is asked for, or else UTF-8, UTF-16 by its mark, or Windows-1252.

    Reads the file until its bytes tell. TableError for an encoding that nobody knows.
    """
    if chosen is not None:
        return Encoding(_known(chosen))
    with open_bytes(path) as (_, content):
        beginning = content.read(_BLOCK)
        if beginning.startswith(_UTF_16):
            return Encoding("utf-16", "the file is UTF-16, by its byte order mark")
        wide, broken = _beyond_ascii(content, beginning)
    if broken > _TO_ONE * wide:
        return Encoding(
            "cp1252",
            "the file is not UTF-8: it is read as Windows-1252 (as Excel saves CSV); another is "
            "named by --encoding",
        )
    return Encoding("utf-8-sig")


def _known(name: str) -> str:
    try:
        return "utf-8-sig" if codecs.lookup(name).name == "utf-8" else codecs.lookup(name).name
    except LookupError:
        raise TableError(
            f"--encoding '{name}' is none that Python knows: utf-8, cp1252, latin-1, utf-16 …"
        ) from None


def _beyond_ascii(content: BinaryIO, block: bytes) -> tuple[int, int]:
    """How many lines hold letters beyond ASCII in UTF-8, and how many something else."""
    wide = broken = 0
    while block:
        if not block.isascii():
            block += content.readline(_BLOCK)
            for line in block.split(b"\n"):
                if not line.isascii():
                    is_utf8 = _is_utf8(line)
                    wide, broken = wide + is_utf8, broken + (not is_utf8)
        block = content.read(_BLOCK)
    return wide, broken


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def open_bytes(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The raw file, whose `tell()` is the bytes read so far, and what is in it, unzipped.

    TableError where gzip data is damaged.
    """
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            yield file, gzip.GzipFile(fileobj=file) if zipped else file  # type: ignore[misc]
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise TableError(
                f"{path} is damaged gzip data ({error}). Rows before the damage that were already "
                "imported stay; import the intact file again, nothing doubles."
            ) from error


@contextmanager
def open_text(path: Path, encoding: Encoding) -> Iterator[tuple[BinaryIO, TextIO]]:
    """The raw file, whose `tell()` is the bytes read so far, and the text in it.

    Bytes that are no letters stay as surrogates: only the rows that need them are rejected.
    """
    with open_bytes(path) as (file, content):
        errors = "strict" if encoding.name.startswith("utf-16") else "surrogateescape"
        text = io.TextIOWrapper(content, encoding.name, errors=errors, newline="")
        try:
            yield file, text
        except UnicodeError as error:
            raise TableError(f"{path} is damaged {encoding} text: {error}.") from error


class Lines:
    """Lines that remember which of them the current row took, and can take some back."""

    def __init__(self, text: TextIO) -> None:
        self._read = partial(text.readline, _LONGEST_LINE)
        self._fresh = iter(self._read, "")
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

    def take(self, count: int) -> list[str]:
        """Up to `count` lines, as the lines of one row."""
        self.begin_row()
        while self._again and len(self._row) < count:
            self._row.append(self._again.popleft())
        self._row.extend(islice(self._fresh, count - len(self._row)))
        return list(self._row)

    def give_back(self) -> None:
        """All lines of the row are read again."""
        self._again.extendleft(reversed(self._row))
        self._row.clear()

    def text(self) -> str:
        """The row as it stands in the file, without the end of its line."""
        return "".join(self._row).rstrip("\r\n")
