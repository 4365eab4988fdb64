from pathlib import Path

import pytest

from services.generator.importing.events.options import EventOptions
from services.generator.importing.reading.table import TableError
from services.generator.importing.source import open_source
from shared.database.rating_scale import RatingScale


def test_a_movielens_scale_gives_way_to_the_one_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t2\t3\t881250949\n", encoding="utf-8")

    assert open_source(tmp_path).plan.options.scale == RatingScale(1, 5)
    wider = EventOptions(scale=RatingScale(0, 10))
    assert open_source(tmp_path, wider).plan.options.scale == RatingScale(0, 10)


def test_columns_of_movielens_are_known_from_it(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t2\t3\t881250949\n", encoding="utf-8")

    recognition = open_source(tmp_path).plan.recognition

    assert recognition.named() == {"user": "0", "item": "1", "rating": "2", "time": "3"}
    assert {use.reason for use in recognition.uses} == {"as in MovieLens 100K"}


def test_columns_of_movielens_are_not_to_be_given(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t2\t3\t881250949\n", encoding="utf-8")

    with pytest.raises(TableError, match="is MovieLens 100K, whose columns are known: leave out"):
        open_source(tmp_path, EventOptions({"user": "0", "item": "1"}))


@pytest.mark.parametrize(
    ("names", "found"), [([], "nothing"), (["b.csv", "a.csv"], "a.csv, b.csv")]
)
def test_an_unknown_folder_is_told_with_what_it_holds(
    tmp_path: Path, names: list[str], found: str
) -> None:
    for name in names:
        (tmp_path / name).touch()

    with pytest.raises(TableError, match=f"without the files of a MovieLens.*it holds {found}"):
        open_source(tmp_path)


def test_a_scale_without_ratings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "views.csv"
    path.write_text("user,item\nu1,i1\n", encoding="utf-8")

    with pytest.raises(TableError, match="--scale"):
        open_source(path, EventOptions(scale=RatingScale(1, 5)))
