"""JSON lines: an object on each line, whose fields are the columns; nested ones by dotted names."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.generator.importing.reading.lines import (
    Encoding,
    Lines,
    find_encoding,
    open_bytes,
    open_text,
)
from services.generator.importing.reading.table import Batch, Problem, Reject, TableError

_BATCH = 5_000  # lines
_MOST_NAMES = 1_000  # more fields than this are ids that somebody used as names
_NO_OBJECT = Problem("not a JSON object", "not a JSON object")
_BETWEEN_VALUES = "|"  # of a list of plain values, which is one column


@dataclass(frozen=True)
class JsonLinesTable:
    """A file with a JSON object on each line; `names` are the fields of all of them."""

    path: Path
    encoding: Encoding
    names: list[str]
    notes: list[str] = field(default_factory=list)
    unit = "B"
    point_decimals = True

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def format(self) -> str:
        zipped = ", gzip" if self.path.suffix == ".gz" else ""
        return f"JSON lines{zipped}, {self.encoding}"

    def batches(
        self, rows: int, names: Sequence[str], one_line: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """Rows in order; lines that are no JSON object are broken."""
        with open_text(self.path, self.encoding) as (file, text):
            lines = Lines(text)
            while block := lines.take(rows):
                yield self._batch(lines.number, block, names, file.tell())

    def _batch(self, first: int, block: list[str], names: Sequence[str], done: int) -> Batch:
        numbers, objects, texts, broken = [], [], [], []
        for line, text in enumerate(block, start=first):
            fields = _fields(text)
            if fields is not None:
                numbers.append(line)
                objects.append(fields)
                texts.append(text)
            elif text.strip():  # an empty line is no row
                broken.append(Reject(self.name, line, _NO_OBJECT, text.rstrip("\r\n")))
        columns = {name: [fields.get(name, "") for fields in objects] for name in names}
        return Batch(numbers, columns, lambda row: texts[row].rstrip("\r\n"), done, broken)


def open_json_lines(path: Path, *, encoding: str | None = None) -> JsonLinesTable:
    """The file with the fields of all its lines; TableError where no line holds an object."""
    if _beginning(path).startswith(b"["):
        raise TableError(
            f"{path} holds a JSON array, not an object on each line: "
            f"`jq -c '.[]' {path.name}` makes JSON lines of it."
        )
    found = find_encoding(path, encoding)
    names: dict[str, None] = {}
    with open_text(path, found) as (_, text):
        lines = Lines(text)
        while block := lines.take(_BATCH):
            for line in block:
                names.update(dict.fromkeys(_fields(line) or ()))
            _require_few(path, names)
    if not names:
        raise TableError(f"{path} holds no JSON object on a line of its own.")
    return JsonLinesTable(path, found, list(names), [found.note] if found.note else [])


def begins_with_json(path: Path) -> bool:
    """Whether the file begins as an object does, or as an array of objects."""
    return _beginning(path).removeprefix(b"[").lstrip().startswith(b"{")


def _beginning(path: Path) -> bytes:
    with open_bytes(path) as (_, content):
        return content.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()


def _require_few(path: Path, names: Mapping[str, None]) -> None:
    if len(names) > _MOST_NAMES:
        raise TableError(
            f"{path} has more than {_MOST_NAMES:,} different fields, such as "
            f"'{list(names)[-1]}': ids seem to be used as names; write them as values."
        )


def _fields(line: str) -> dict[str, str] | None:
    """Each field's text as it is written; None for what is no object."""
    try:
        value = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    fields: dict[str, str] = {}
    _flatten(value, "", fields)
    return fields


def _flatten(value: Mapping[str, Any], prefix: str, into: dict[str, str]) -> None:
    for key, cell in value.items():
        name = f"{prefix}{key}"
        if isinstance(cell, str):
            into[name] = cell
        elif isinstance(cell, dict):
            _flatten(cell, f"{name}.", into)
        elif isinstance(cell, list):
            _flatten_list(cell, name, into)
        else:
            into[name] = _plain(cell)


def _flatten_list(cells: list[Any], name: str, into: dict[str, str]) -> None:
    if any(isinstance(cell, dict | list) for cell in cells):
        _flatten({str(place): cell for place, cell in enumerate(cells)}, f"{name}.", into)
    else:
        texts = (cell if isinstance(cell, str) else _plain(cell) for cell in cells)
        into[name] = _BETWEEN_VALUES.join(texts)


def _plain(cell: bool | None) -> str:
    return "" if cell is None else str(cell).lower()
