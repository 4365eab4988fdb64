"""MovieLens data sets, recognised by the files in their folder.

F. M. Harper and J. A. Konstan: The MovieLens Datasets: History and Context. TiiS 5 (4), 2015.
Formats: 100K (`u.data`), 1M and 10M (`ratings.dat`), 20M and later (`ratings.csv`).
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from services.generator.importing.reading.delimited import open_delimited, split_lines
from services.generator.importing.reading.table import Problem, Reject, Table
from shared.database.rating_scale import RatingScale
from shared.database.tables import ID_LENGTH

WHOLE_STARS = RatingScale(1, 5)
HALF_STARS = RatingScale(0.5, 5)
BY_NUMBER = {"user": "0", "item": "1", "rating": "2", "time": "3"}

GENRES_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
OCCUPATIONS_1M = (
    *("other", "academic/educator", "artist", "clerical/admin", "college/grad student"),
    *("customer service", "doctor/health care", "executive/managerial", "farmer", "homemaker"),
    *("K-12 student", "lawyer", "programmer", "retired", "sales/marketing", "scientist"),
    *("self-employed", "technician/engineer", "tradesman/craftsman", "unemployed", "writer"),
)


class MovieLensUser(NamedTuple):
    """A user, with what the data set says of them."""

    user_id: str
    attributes: dict[str, Any]


class MovieLensItem(NamedTuple):
    """An item, with what the data set says of it."""

    item_id: str
    title: str
    category: str
    attributes: dict[str, Any]


Described = MovieLensUser | MovieLensItem


@dataclass(frozen=True)
class CatalogueFile:
    """A file that describes users or items, a line each; it is small, and read as a whole."""

    path: Path
    delimiter: str
    describe: Callable[[list[str]], Described]
    has_header: bool = False

    def entries(self) -> Iterator[Described | Reject]:
        """Its entries in order; a line that is none of them as a reject."""
        rows = split_lines(io.StringIO(self._text(), newline=""), self.delimiter)
        for number, cells in islice(enumerate(rows, start=1), int(self.has_header), None):
            if cells:
                yield self._entry(number, cells)

    def _entry(self, number: int, cells: list[str]) -> Described | Reject:
        try:
            described = self.describe(cells)
        except (ValueError, IndexError):
            return self._reject(number, cells, f"not a line of {self.path.name}")
        if not 1 <= len(described[0]) <= ID_LENGTH:
            return self._reject(number, cells, f"id has {len(described[0])} characters")
        return described

    def _reject(self, number: int, cells: list[str], reason: str) -> Reject:
        return Reject(self.path.name, number, Problem(reason, reason), self.delimiter.join(cells))

    def _text(self) -> str:
        content = self.path.read_bytes()
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("latin-1")  # as 100K and 1M were published


@dataclass(frozen=True)
class MovieLens:
    """One data set: its ratings, the scale that they are on, and what describes their ids.

    `columns` are role → column, where the file has no header to tell.
    """

    name: str
    ratings: Table
    scale: RatingScale
    catalogue: list[CatalogueFile]
    columns: Mapping[str, str] = field(default_factory=dict)


def recognise(folder: Path) -> MovieLens | None:
    """The data set whose files are in `folder`, or None."""
    if (ratings := _file(folder, "u.data")) is not None:
        return _read_100k(folder, ratings)
    if (ratings := _file(folder, "ratings.dat")) is not None:
        return _read_dat(folder, ratings)
    if (ratings := _file(folder, "ratings.csv")) is not None:
        return _read_csv(folder, ratings)
    return None


def _read_100k(folder: Path, ratings: Path) -> MovieLens:
    files = [
        CatalogueFile(folder / "u.user", "|", _user_100k),
        CatalogueFile(folder / "u.item", "|", _item_100k),
    ]
    table = open_delimited(ratings, has_header=False)
    return MovieLens("MovieLens 100K", table, WHOLE_STARS, _present(files), BY_NUMBER)


def _read_dat(folder: Path, ratings: Path) -> MovieLens:
    table = open_delimited(ratings, has_header=False)
    files = _present(_files_1m(folder))
    if (folder / "users.dat").is_file():
        return MovieLens("MovieLens 1M", table, WHOLE_STARS, files, BY_NUMBER)
    return MovieLens("MovieLens 10M", table, HALF_STARS, files, BY_NUMBER)


def _read_csv(folder: Path, ratings: Path) -> MovieLens | None:
    files = _present([CatalogueFile(folder / "movies.csv", ",", _item_csv, has_header=True)])
    if files:
        return MovieLens("MovieLens", open_delimited(ratings), HALF_STARS, files)
    files = _present(_files_1m(folder))
    if files:  # as 1M is passed on, too
        return MovieLens("MovieLens 1M", open_delimited(ratings), WHOLE_STARS, files)
    return None  # ratings of anything, on any scale


def _files_1m(folder: Path) -> list[CatalogueFile]:
    return [
        CatalogueFile(folder / "users.dat", "::", _user_1m),
        CatalogueFile(folder / "movies.dat", "::", _item_dat),
    ]


def _file(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def _present(files: list[CatalogueFile]) -> list[CatalogueFile]:
    return [file for file in files if file.path.is_file()]


def _user_100k(cells: list[str]) -> MovieLensUser:
    user_id, age, gender, occupation, zip_code = cells
    attributes = {"age": int(age), "gender": gender, "occupation": occupation, "zip": zip_code}
    return MovieLensUser(user_id, attributes)


def _user_1m(cells: list[str]) -> MovieLensUser:
    user_id, gender, age, code, zip_code = cells
    occupation = OCCUPATIONS_1M[int(code)]
    # The age is the lowest of its group: 1 (under 18), 18, 25, 35, 45, 50, 56.
    attributes = {"age": int(age), "gender": gender, "occupation": occupation, "zip": zip_code}
    return MovieLensUser(user_id, attributes)


def _item_100k(cells: list[str]) -> MovieLensItem:
    item_id, title, released, _video, _url, *flags = cells
    genres = [name for name, flag in zip(GENRES_100K, flags, strict=True) if flag == "1"]
    attributes = {"release_date": released} if released else {}
    return MovieLensItem(item_id, title, "|".join(genres), attributes)


def _item_dat(cells: list[str]) -> MovieLensItem:
    item_id, *title, genres = cells  # a title may hold the delimiter
    return MovieLensItem(item_id, "::".join(title), genres, {})


def _item_csv(cells: list[str]) -> MovieLensItem:
    item_id, title, genres = cells
    return MovieLensItem(item_id, title, "" if genres == "(no genres listed)" else genres, {})
