"""Compares two records: tables, arrays, files, lists of all users and answers, part by part."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.checkouts.answers import ANSWERS, read_answers
from benchmarks.checkouts.differences import (
    Difference,
    all_differences,
    array_differences,
    shortened,
)
from benchmarks.checkouts.normalising import TIMES, normal, normal_array_name
from benchmarks.checkouts.recording import BATCHES
from benchmarks.checkouts.requests.cast import column
from benchmarks.checkouts.requests.request import Body
from benchmarks.checkouts.scenarios import SCENARIOS


@dataclass(frozen=True)
class ComparedPart:
    """One part of both records: its kind, its name, and how it differs."""

    kind: str
    name: str
    differences: Sequence[Difference]
    by_chance: bool = False


def compared_records(a: Path, b: Path) -> Iterator[ComparedPart]:
    """All parts of two folders, scenario by scenario."""
    recorded = {path.name for folder in (a, b) for path in folder.iterdir() if path.is_dir()}
    for name in (scenario.name for scenario in SCENARIOS if scenario.name in recorded):
        if all((folder / name).is_dir() for folder in (a, b)):
            for part in compared_scenarios(a / name, b / name):
                yield replace(part, name=f"{name}, {part.name}")
        else:
            alone = Difference("", "was recorded in one of the folders alone")
            yield ComparedPart("sets of data", name, [alone])


def compared_scenarios(a: Path, b: Path) -> Iterator[ComparedPart]:
    for state, moment in (("trained", "trained"), ("served", "after all requests")):
        yield from compared_tables(a / state / "data.sqlite", b / state / "data.sqlite", moment)
        yield from compared_arrays(a / state, b / state, moment)
    yield from compared_texts(a / "trained", b / "trained")
    yield from compared_batches(a, b)
    yield from compared_answers(a / ANSWERS, b / ANSWERS)


def pairs(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The values of either by name; None where it has none."""
    for name in dict.fromkeys([*a, *b]):
        yield name, a.get(name), b.get(name)


def compared_tables(a: Path, b: Path, moment: str) -> Iterator[ComparedPart]:
    for name, rows, other in pairs(_tables(a), _tables(b)):
        yield ComparedPart(f"tables, {moment}", name, all_differences(rows, other))


def _tables(database: Path) -> dict[str, list[list[Any]]]:
    """The rows of each table in their order, without times of writing and what is salted."""
    if not database.exists():
        return {}
    with closing(sqlite3.connect(database)) as connection:
        names = column(connection, "name FROM sqlite_master WHERE type = 'table'")
        return {name: _rows(connection, name) for name in names}


def _rows(connection: sqlite3.Connection, table: str) -> list[list[Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
    names = [description[0] for description in cursor.description]
    dropped = TIMES | {"salt", "digest"}
    kept = [index for index, name in enumerate(names) if name not in dropped]
    return [
        [names[index] for index in kept],
        *([row[index] for index in kept] for row in cursor),
    ]


def compared_arrays(a: Path, b: Path, moment: str) -> Iterator[ComparedPart]:
    for name, path, other in pairs(_arrays(a), _arrays(b)):
        yield ComparedPart(f"arrays, {moment}", name, list(array_differences(path, other)))


def _arrays(folder: Path) -> dict[str, Path]:
    paths = sorted(folder.rglob("*.npy"))
    return {normal_array_name(str(path.relative_to(folder))): path for path in paths}


def compared_texts(a: Path, b: Path) -> Iterator[ComparedPart]:
    """Manifest, metrics and report of versions, and the rows that imports refused."""
    for name, text, other in pairs(_texts(a), _texts(b)):
        yield ComparedPart("other files, trained", name, all_differences(text, other))


def _texts(folder: Path) -> dict[str, Any]:
    patterns = ("*.json", "*.html", "rejects/*")
    artifacts = folder / "artifacts"
    paths = (path for pattern in patterns for path in sorted(artifacts.rglob(pattern)))
    return {normal(str(path.relative_to(folder))): _text(path) for path in paths}


def _text(path: Path) -> Any:
    """The content of a file, of a manifest without what the arrays hold as well."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        return normal(text.splitlines())
    content = json.loads(text)
    return normal({name: value for name, value in content.items() if name != "arrays"})


def compared_batches(a: Path, b: Path) -> Iterator[ComparedPart]:
    paths = ((a / f"batch-{name}.parquet", b / f"batch-{name}.parquet") for name in BATCHES)
    for path, other in paths:
        if path.exists() or other.exists():
            yield ComparedPart("batch", path.stem, all_differences(_batch(path), _batch(other)))


def _batch(path: Path) -> Any:
    """The rows of a file and its metadata; None where there is no file."""
    if not path.exists():
        return None
    table = pq.read_table(path)
    metadata = {
        name.decode(): text.decode() for name, text in (table.schema.metadata or {}).items()
    }
    columns = {
        field.name: [str(field.type), *table[field.name].to_pylist()] for field in table.schema
    }
    return {"metadata": normal(metadata), **columns}


def compared_answers(a: Path, b: Path) -> Iterator[ComparedPart]:
    for name, answer, other in pairs(read_answers(a), read_answers(b)):
        present = [entry for entry in (answer, other) if entry is not None]
        request = present[0]["request"]
        body = shortened(json.dumps(request["body"]))
        yield ComparedPart(
            kind=request["kind"],
            name=f"{name}: {shortened(request['path'])} {body}",
            differences=all_differences(_comparable(answer), _comparable(other)),
            by_chance=any(entry["by_chance"] for entry in present),
        )


def _comparable(answer: Body | None) -> Any:
    """What is compared of an answer; None where the other folder alone has it."""
    return answer and normal(
        {name: answer[name] for name in ("request", "status", "headers", "body")}
    )
