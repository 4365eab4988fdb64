from pathlib import Path

import pytest

from services.generator.importing.movielens import (
    HALF_STARS,
    WHOLE_STARS,
    MovieLens,
    MovieLensItem,
    MovieLensUser,
    recognise,
)
from services.generator.importing.reading.table import Problem, Reject

FLAGS = ["0"] * 19


def write(folder: Path, files: dict[str, str], encoding: str = "utf-8") -> MovieLens:
    for name, content in files.items():
        (folder / name).write_text(content, encoding=encoding)
    data = recognise(folder)
    assert data is not None
    return data


def catalogue(data: MovieLens) -> list[object]:
    return [entry for file in data.catalogue for entry in file.entries()]


def first_row(data: MovieLens) -> tuple[str, ...]:
    columns = next(data.ratings.batches(10, data.ratings.names)).columns
    return tuple(cells[0] for cells in columns.values())


def test_100k(tmp_path: Path) -> None:
    comedy_drama = ["1" if at in (5, 8) else "0" for at in range(19)]
    item = ["242", "Café Nöir (1996)", "01-Jan-1996", "", "http://x", *comedy_drama]
    untold = ["267", "unknown", "", "", "", "1", *FLAGS[1:]]
    files = {
        "u.data": "196\t242\t3\t881250949\n",
        "u.item": "|".join(item) + "\n" + "|".join(untold) + "\n",
        "u.user": "196|49|M|writer|55105\n",
    }
    data = write(tmp_path, files, "latin-1")

    assert (data.name, data.scale) == ("MovieLens 100K", WHOLE_STARS)
    assert first_row(data) == ("196", "242", "3", "881250949")
    assert catalogue(data) == [
        MovieLensUser("196", {"age": 49, "gender": "M", "occupation": "writer", "zip": "55105"}),
        MovieLensItem("242", "Café Nöir (1996)", "Comedy|Drama", {"release_date": "01-Jan-1996"}),
        MovieLensItem("267", "unknown", "unknown", {}),
    ]


def test_1m(tmp_path: Path) -> None:
    files = {
        "ratings.dat": "1::1193::5::978300760\n",
        "users.dat": "1::F::1::10::48067\n",
        "movies.dat": "1193::Mißtraut: Allem::Nichts (1975)::Drama|War\n",
    }
    data = write(tmp_path, files, "latin-1")

    assert (data.name, data.scale) == ("MovieLens 1M", WHOLE_STARS)
    assert first_row(data) == ("1", "1193", "5", "978300760")
    assert catalogue(data) == [
        MovieLensUser("1", {"age": 1, "gender": "F", "occupation": "K-12 student", "zip": "48067"}),
        MovieLensItem("1193", "Mißtraut: Allem::Nichts (1975)", "Drama|War", {}),
    ]


def test_10m_has_half_stars_and_no_users(tmp_path: Path) -> None:
    files = {"ratings.dat": "1::122::4.5::838985046\n", "movies.dat": "122::Boom (1992)::Comedy\n"}
    data = write(tmp_path, files)

    assert (data.name, data.scale) == ("MovieLens 10M", HALF_STARS)
    assert catalogue(data) == [MovieLensItem("122", "Boom (1992)", "Comedy", {})]


def test_latest(tmp_path: Path) -> None:
    movies = (
        'movieId,title,genres\n31,"Minds, Dangerous (1995)",Drama\n9,Short,(no genres listed)\n'
    )
    files = {
        "ratings.csv": "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n",
        "movies.csv": movies,
    }
    data = write(tmp_path, files)

    assert data.scale == HALF_STARS
    assert first_row(data) == ("1", "31", "2.5", "1260759144")
    assert catalogue(data) == [
        MovieLensItem("31", "Minds, Dangerous (1995)", "Drama", {}),
        MovieLensItem("9", "Short", "", {}),
    ]


def test_1m_as_csv_without_times(tmp_path: Path) -> None:
    files = {
        "ratings.csv": "user,item,rating\n1,1193,5\n",
        "movies.dat": "1193::Cuckoo (1975)::Drama\n",
        "users.dat": "1::F::1::10::48067\n",
    }
    data = write(tmp_path, files)

    assert (data.name, data.scale) == ("MovieLens 1M", WHOLE_STARS)
    assert first_row(data) == ("1", "1193", "5")
    assert len(catalogue(data)) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1|24|M|technician", "not a line of u.user"),
        ("1|old|M|technician|85711", "not a line of u.user"),
        ("|24|M|technician|85711", "id has 0 characters"),
    ],
)
def test_a_line_that_describes_nobody_is_rejected(tmp_path: Path, line: str, reason: str) -> None:
    files = {"u.data": "2\t242\t3\t881250949\n", "u.user": f"2|24|F|other|1\n{line}\n"}
    data = write(tmp_path, files)

    assert catalogue(data)[1] == Reject("u.user", 2, Problem(reason, reason), line)


def test_ratings_without_movies_are_no_movielens(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("userId,itemId,rating\n1,2,100\n", encoding="utf-8")

    assert recognise(tmp_path) is None
