import gzip
import json
from pathlib import Path

import pytest

from services.generator.importing.reading.json_lines import JsonLinesTable, open_json_lines
from services.generator.importing.reading.table import TableError


def write(folder: Path, *entries: object) -> Path:
    path = folder / "log.jsonl"
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def rows_of(table: JsonLinesTable) -> list[tuple[str, ...]]:
    batches = table.batches(2, table.names)
    return [row for b in batches for row in zip(*b.columns.values(), strict=True)]


def test_fields_are_columns_whichever_line_has_them(tmp_path: Path) -> None:
    table = open_json_lines(write(tmp_path, {"user": "u1"}, {"item": 7, "user": "u2"}, {"x": None}))

    assert table.names == ["user", "item", "x"]
    assert rows_of(table) == [("u1", "", ""), ("u2", "7", ""), ("", "", "")]


def test_nested_fields_have_dotted_names(tmp_path: Path) -> None:
    entry = {"user": {"id": "u1"}, "items": [{"id": "i1"}, {"id": "i2"}], "tags": ["a", "b", 3]}
    table = open_json_lines(write(tmp_path, entry))

    assert table.names == ["user.id", "items.0.id", "items.1.id", "tags"]
    assert rows_of(table) == [("u1", "i1", "i2", "a|b|3")]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    line = '{"a": 12345678901234567890, "b": 4.50, "c": 1e3, "d": true, "e": NaN}'

    assert rows_of(open_json_lines(write(tmp_path, line))) == [
        ("12345678901234567890", "4.50", "1e3", "true", "NaN")
    ]


def test_lines_that_are_no_object_are_broken_and_empty_ones_skipped(tmp_path: Path) -> None:
    table = open_json_lines(write(tmp_path, {"a": 1}, "", "[1]", '{"a": ', {"a": 2}))
    batches = list(table.batches(10, ["a"]))

    assert [(b.lines, b.columns["a"]) for b in batches] == [([1, 5], ["1", "2"])]
    assert [(row.line, row.problem.reason) for row in batches[0].broken] == [
        (3, "not a JSON object"),
        (4, "not a JSON object"),
    ]
    assert batches[0].text(1) == '{"a": 2}'


def test_gzip_is_read_as_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    table = open_json_lines(path)

    assert rows_of(table) == [("1",), ("2",)]
    assert table.format == "JSON lines, gzip, UTF-8"


def test_an_array_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"jq -c '\.\[\]' log\.jsonl"):
        open_json_lines(write(tmp_path, "[", '{"a": 1},', '{"a": 2}', "]"))


def test_ids_that_are_used_as_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"more than 1,000 different fields"):
        open_json_lines(write(tmp_path, {f"u{number}": 1 for number in range(1_001)}))
