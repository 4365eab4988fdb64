from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from services.generator.importing.columns import Columns
from services.generator.importing.raw_rows import TableError

from services.generator.importing.source import open_source
from shared.database.rating_scale import RatingScale


def test_parquet_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    pq.write_table(pa.table({"user": ["u1"], "item": ["i1"]}), path)

    assert open_source(path, Columns(), None).table.unit == "rows"


def test_a_movielens_scale_gives_way_to_the_one_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t2\t3\t881250949\n", encoding="utf-8")

    assert open_source(tmp_path, Columns(), None).scale == RatingScale(1, 5)
    assert open_source(tmp_path, Columns(), RatingScale(0, 10)).scale == RatingScale(0, 10)


def test_columns_of_movielens_are_not_to_be_given(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t2\t3\t881250949\n", encoding="utf-8")

    with pytest.raises(TableError, match="is MovieLens 100K, whose columns are known: leave out"):
        open_source(tmp_path, Columns("0", "1"), None)


def test_a_missing_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nothing\.csv does not exist"):
        open_source(tmp_path / "nothing.csv", Columns(), None)


@pytest.mark.parametrize(
    ("names", "found"), [([], "nothing"), (["b.csv", "a.csv"], "a.csv, b.csv")]
)
def test_an_unknown_folder_is_told_with_what_it_holds(
    tmp_path: Path, names: list[str], found: str
) -> None:
    for name in names:
        (tmp_path / name).touch()

    with pytest.raises(TableError, match=f"without the files of a MovieLens.*it holds {found}"):
        open_source(tmp_path, Columns(), None)


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "ml.zip"
    path.write_bytes(b"PK\x03\x04rest")

    with pytest.raises(TableError, match=r"ml\.zip is a zip archive: unpack it"):
        open_source(path, Columns(), None)


def test_a_scale_without_ratings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "views.csv"
    path.write_text("user,item\nu1,i1\n", encoding="utf-8")

    with pytest.raises(TableError, match="--scale"):
        open_source(path, Columns(), RatingScale(1, 5))
