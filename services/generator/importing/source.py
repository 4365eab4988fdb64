"""What a path holds: a MovieLens folder, a Parquet file or a delimited one."""

from dataclasses import dataclass, field
from pathlib import Path

from services.generator.importing import movielens
from services.generator.importing.columns import Columns
from services.generator.importing.delimited import open_delimited
from services.generator.importing.movielens import CatalogueFile
from services.generator.importing.raw_rows import Table, TableError
from shared.database.rating_scale import RatingScale


@dataclass(frozen=True)
class Source:
    """A table of interactions, their rating scale where one is known, and a catalogue of ids."""

    name: str
    table: Table
    scale: RatingScale | None = None
    catalogue: list[CatalogueFile] = field(default_factory=list)


def open_source(path: Path, columns: Columns, scale: RatingScale | None) -> Source:
    """What is at `path`, its columns found; errors say what is there and what would do."""
    if path.is_dir():
        return _open_folder(path, columns, scale)
    if not path.exists():
        raise TableError(f"{path} does not exist.")
    try:
        table = _open_file(path, columns)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    if scale is not None and table.columns.rating is None:
        raise TableError(f"--scale says how {path.name} rates: name the column with --rating.")
    return Source(path.name, table, scale)


def _open_folder(folder: Path, columns: Columns, scale: RatingScale | None) -> Source:
    data = movielens.recognise(folder)
    if data is None:
        found = ", ".join(sorted(file.name for file in folder.iterdir())[:20]) or "nothing"
        raise TableError(
            f"{folder} is a folder without the files of a MovieLens data set (u.data, ratings.dat, "
            f"or ratings.csv with movies.csv); it holds {found}. Give one CSV or Parquet file."
        )
    if columns.named():
        raise TableError(
            f"{folder} is {data.name}, whose columns are known: leave out {columns}, or give one "
            "of its files."
        )
    return Source(data.name, data.ratings, scale or data.scale, data.catalogue)


def _open_file(path: Path, columns: Columns) -> Table:
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning == b"PAR1" or path.suffix == ".parquet":
        # Imported here: who imports a CSV does not wait for Arrow.
        from services.generator.importing.parquet import open_parquet

        return open_parquet(path, columns)
    if beginning == b"PK\x03\x04":
        raise TableError(f"{path} is a zip archive: unpack it, and give what was in it.")
    return open_delimited(path, columns)
