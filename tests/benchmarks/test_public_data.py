"""The readers of public data on small files in the same formats."""

import gzip
from pathlib import Path

import numpy as np

from benchmarks import public_data
from tests.trainer.datasets import dataset_of


def test_ids_are_texts_in_their_own_order(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("10\t2\t3\t881250949\n9\t100\t5\t881250950\n")
    found = public_data.ml_100k(tmp_path)
    assert list(found.users) == ["10", "9"]
    assert list(found.items) == ["100", "2"]
    assert found.interactions.user_indices.tolist() == [0, 1]
    assert found.interactions.item_indices.tolist() == [1, 0]
    assert found.interactions.ratings.tolist() == [3, 5]
    assert found.interactions.occurred_at.tolist() == [881250949000, 881250950000]
    assert found.summary.rating_scale == (3, 5)


def test_official_folds_hold_out_the_rows_of_their_test_files(tmp_path: Path) -> None:
    rows = [f"{user}\t{item}\t3\t{user + item}" for user in range(1, 6) for item in range(1, 4)]
    (tmp_path / "u.data").write_text("\n".join(rows) + "\n")
    for number in range(1, 6):
        (tmp_path / f"u{number}.test").write_text(f"{number}\t1\t3\t0\n{number}\t3\t3\t0\n")
    folds = public_data.ml_100k_folds(public_data.ml_100k(tmp_path), tmp_path)
    assert [fold.test.user_indices.tolist() for fold in folds] == [[n, n] for n in range(5)]
    assert [len(fold.train.interactions) for fold in folds] == [13] * 5


def test_pairs_without_a_rating_are_left_out_of_ml_1m(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "ratings.csv.gz", "wt", encoding="utf-8") as file:
        file.write("user,item,rating\n1,1193,5\n46,1102,\n2,1193,4\n")
    found = public_data.ml_1m(tmp_path)
    assert (list(found.users), list(found.items)) == (["1", "2"], ["1193"])
    assert not found.is_timed


def test_half_stars_and_ids_of_letters_are_kept(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n")
    assert public_data.ml_latest_small(tmp_path).interactions.ratings.tolist() == [2.5]
    path = tmp_path / "Magazine_Subscriptions.csv"
    path.write_text("B00005N7P0,AH2IFH762VY5U,5.0,1005177600\nB00005N7OJ,A3JP,3.0,1174694400\n")
    found = public_data.magazines(tmp_path)
    assert list(found.users) == ["A3JP", "AH2IFH762VY5U"]
    assert list(found.items) == ["B00005N7OJ", "B00005N7P0"]


def test_negatives_of_neural_collaborative_filtering_are_items_of_the_catalogue(
    tmp_path: Path,
) -> None:
    with gzip.open(tmp_path / "ml-1m.train.pairs.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("0\t0\n0\t1\n1\t10\n")
    (tmp_path / "ml-1m.test.rating").write_text("0\t25\t5\t978824351\n1\t0\t3\t978300174\n")
    with gzip.open(tmp_path / "ml-1m.test.negative.gz", "wt", encoding="utf-8") as file:
        file.write("(0,25)\t10\t2\n(1,0)\t2\t25\n")
    found = public_data.ncf_ml_1m(tmp_path)
    items = list(found.train.items)
    assert items == ["0", "1", "10", "2", "25"]
    assert found.users.tolist() == [0, 1]
    assert [items[index] for index in found.positives] == ["25", "0"]
    assert [[items[index] for index in row] for row in found.negatives] == [
        ["10", "2"],
        ["2", "25"],
    ]


def test_three_quarters_of_each_item_are_for_training() -> None:
    """The share rounds down: an item's k-th of n rows stays where k / n is at most 3/4."""
    sizes = [1, 2, 3, 4, 8, 101]
    items = np.random.default_rng(5).permutation(np.repeat(np.arange(6), sizes))
    parts = public_data.three_quarters_of_each_item(dataset_of(np.arange(len(items)), items))
    kept = np.bincount(parts.train.interactions.item_indices, minlength=6)
    assert kept.tolist() == [0, 1, 2, 3, 6, 75]
    assert len(parts.test) == sum(sizes) - kept.sum()
    again = public_data.three_quarters_of_each_item(dataset_of(np.arange(len(items)), items))
    assert again.test.occurred_at.tolist() == parts.test.occurred_at.tolist()


def test_three_quarters_are_those_that_the_published_split_draws() -> None:
    """numpy's legacy generator with seed 42 draws .37, .95, .73, .60, .16, .16, .06, .87."""
    parts = public_data.three_quarters_of_each_item(dataset_of(np.arange(8), np.zeros(8)))
    assert parts.test.user_indices.tolist() == [1, 7]
