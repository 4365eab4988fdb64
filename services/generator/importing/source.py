"""What a path holds: a MovieLens folder or one file, and how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.generator.importing import movielens
from services.generator.importing.events.options import EventOptions
from services.generator.importing.events.plan import EventPlan, make_plan, require_types
from services.generator.importing.movielens import CatalogueFile
from services.generator.importing.reading.files import open_table
from services.generator.importing.reading.table import Table, TableError


@dataclass(frozen=True)
class Source:
    """A table of interactions, how it is read, and a catalogue that describes its ids."""

    name: str
    table: Table
    plan: EventPlan
    catalogue: list[CatalogueFile] = field(default_factory=list)


def open_source(path: Path, options: EventOptions | None = None) -> Source:
    """What is at `path`, read once from end to end to decide how it is to be read.

    Errors say what is there and what would do; questions stay in the plan.
    """
    options = options or EventOptions()
    require_types(options)
    if path.is_dir():
        return _open_folder(path, options)
    table = open_table(path, options.asked(), options.encoding)
    source = Source(path.name, table, make_plan(table, options))
    if options.scale is not None and source.plan.recognition.column("rating") is None:
        raise TableError(f"--scale says how {path.name} rates: name the column with --rating.")
    return source


def _open_folder(folder: Path, options: EventOptions) -> Source:
    data = movielens.recognise(folder)
    if data is None:
        found = ", ".join(sorted(file.name for file in folder.iterdir())[:20]) or "nothing"
        raise TableError(
            f"{folder} is a folder without the files of a MovieLens data set (u.data, ratings.dat, "
            f"or ratings.csv with movies.csv); it holds {found}. Give one CSV, JSON lines or "
            "Parquet file."
        )
    if options.columns or options.ignored:
        given: Mapping[str, str] = options.columns
        said = ", ".join(f"{role}={column}" for role, column in given.items())
        raise TableError(
            f"{folder} is {data.name}, whose columns are known: leave out {said or '--ignore'}, or "
            "give one of its files."
        )
    known = replace(
        options,
        columns=data.columns,
        why=f"as in {data.name}",
        scale=options.scale or data.scale,
    )
    return Source(data.name, data.ratings, make_plan(data.ratings, known), data.catalogue)
