from pathlib import Path

import numpy as np
import pytest

from services.trainer.data.dataset import Dataset
from services.trainer.splits.folds import FoldError, read_fold
from tests.trainer.datasets import dataset_of


def small() -> Dataset:
    """Users u000000 to u000002 with items i000000 to i000002; the second pair stands twice."""
    return dataset_of(np.array([0, 0, 1, 2, 0]), np.array([0, 1, 1, 2, 1]))


def written(folder: Path, *lines: str) -> Path:
    path = folder / "fold.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("cut", ["\t", ",", "::"])
def test_every_interaction_of_a_named_pair_is_held_out(tmp_path: Path, cut: str) -> None:
    lines = (cut.join(("u000000", "i000001", "5", "978300760")), cut.join(("u000002", "i000002")))
    fold = read_fold(written(tmp_path, *lines), small())
    assert fold.held_out.tolist() == [False, True, False, True, True]
    assert (fold.name, fold.missing) == ("fold.txt", 0)


def test_a_header_and_empty_lines_are_no_pairs(tmp_path: Path) -> None:
    fold = read_fold(written(tmp_path, "user_id,item_id", "", "u000001,i000001", ""), small())
    assert np.flatnonzero(fold.held_out).tolist() == [2]
    assert fold.missing == 0


def test_ids_with_the_other_separator_or_quotes_are_kept_whole(tmp_path: Path) -> None:
    dataset = small()
    assert read_fold(written(tmp_path, '"u000001","i000001"'), dataset).missing == 0
    assert read_fold(written(tmp_path, "u000001\ti000001", "a,b\ti000001"), dataset).missing == 1


@pytest.mark.parametrize("line", ["u000001,i000000", "u000009,i000000", "u000001,i000009", "u9,i9"])
def test_pairs_that_the_data_lacks_are_counted(tmp_path: Path, line: str) -> None:
    fold = read_fold(written(tmp_path, line, "u000000,i000000"), small())
    assert np.flatnonzero(fold.held_out).tolist() == [0]
    assert fold.missing == 1


def test_a_file_without_any_pair_of_the_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FoldError, match="none of its 1 pairs is in the database"):
        read_fold(written(tmp_path, "u7,i7"), small())
    with pytest.raises(FoldError, match="none of its 0 pairs"):
        read_fold(written(tmp_path), small())


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    with pytest.raises(FoldError, match=r"fold.txt, line 2: 'u000001 i000001' is no user id"):
        read_fold(written(tmp_path, "u000000,i000000", "u000001 i000001"), small())


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "fold.csv"
    path.write_bytes(b"\xff\xfe\x00,")
    with pytest.raises(FoldError, match="no UTF-8 text"):
        read_fold(path, small())
