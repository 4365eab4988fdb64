"""Figures over folds, by known errors and lists."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from services.trainer.comparison.comparison import NOISE_FLOOR, PLANTED, EvaluatedFold, compare
from services.trainer.comparison.figures import Comparison
from services.trainer.comparison.report import as_text
from services.trainer.metrics.ranking import evaluate_lists
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.quality import ListQuality
from services.trainer.splits.protocols import split
from tests.trainer.datasets import dataset_of

USERS, ITEMS = np.divmod(np.arange(40 * 6), 6)
RATINGS = 1.0 + (USERS + ITEMS) % 5


def fold(places: Sequence[int], errors: dict[str, float], found: dict[str, int]) -> EvaluatedFold:
    """Of each user the items at `places` are held out. A model errs by so much, on user 0 by twice
    of it, and finds the first so many of the held-out items, at the top of its lists."""
    dataset = dataset_of(USERS, ITEMS, RATINGS, shape=(40, 12), scale=(-9, 19))
    evaluation = Evaluation(split(dataset, np.isin(ITEMS, places), "some"))
    users, _items, ratings = evaluation.rated_pairs
    double = 1 + (users == 0)
    return EvaluatedFold(
        evaluation,
        {name: evaluation.errors(ratings + size * double) for name, size in errors.items()},
        {name: _lists(evaluation, places, count) for name, count in found.items()},
    )


def _lists(evaluation: Evaluation, places: Sequence[int], count: int) -> ListQuality:
    row = [*places[:count], *range(6, 12)]
    lists = np.tile(np.array(row + [-1] * (10 - len(row))), (40, 1))
    return ListQuality(lists, evaluate_lists(lists, evaluation.relevant, [10]))


def compared(*folds: EvaluatedFold) -> dict[str, Any]:
    """As it is written to a file."""
    return comparison(*folds).as_json()


def comparison(*folds: EvaluatedFold) -> Comparison:
    ratings, lists = compare(folds, np.random.default_rng(0))
    return Comparison(
        protocol="some",
        ks=[10],
        train_interactions=[],
        test_interactions=[],
        ratings=ratings,
        lists=lists,
        seconds={"a": 0.25},
    )


def test_a_figure_is_the_mean_over_folds_and_counts_add_up() -> None:
    found = compared(fold([0], {"a": 1}, {"a": 1}), fold([1], {"a": 3}, {"a": 0}))
    ratings, lists = found["ratings"]["models"]["a"], found["lists"]["models"]["a"]
    fold_rmse = ((39 + 4) / 40) ** 0.5
    assert ratings["ratings"] == 80
    assert ratings["rmse"] == pytest.approx((fold_rmse + 3 * fold_rmse) / 2)
    assert lists["users"] == 80
    assert lists["hit_rate@10"] == 0.5


def test_intervals_hold_the_figure_and_differences_are_to_the_best() -> None:
    found = compared(fold([0, 1], {"a": 1, "b": 1.5}, {"a": 1, "b": 2}))
    ratings, lists = found["ratings"], found["lists"]
    assert (ratings["best"], lists["best"]) == ("a", "b")
    assert ratings["models"]["a"]["to_best"] is None
    assert lists["models"]["b"]["to_best"] is None
    low, high = ratings["models"]["a"]["interval"]
    assert low < ratings["models"]["a"]["rmse"] < high
    mean, low, high = ratings["models"]["b"]["to_best"]
    assert mean == pytest.approx(0.5 * (43 / 40) ** 0.5)
    assert 0 < low < mean < high
    mean, low, high = lists["models"]["a"]["to_best"]
    assert mean < 0
    assert low == pytest.approx(high)  # the same for every user: nothing to doubt


def test_what_was_planted_stands_among_the_models_but_is_never_the_best() -> None:
    found = compared(fold([0], {"a": 1, NOISE_FLOOR: 0.5}, {"a": 0, PLANTED: 1}))
    assert found["ratings"]["best"] == found["lists"]["best"] == "a"
    assert found["ratings"]["models"][NOISE_FLOOR]["to_best"][0] < 0
    assert found["lists"]["models"][PLANTED]["to_best"][0] == pytest.approx(1)


def test_slices_are_of_users_and_items_by_what_they_did_in_training() -> None:
    """All users have the same five rows: all are warm and less active, nobody is cold."""
    found = compared(fold([0], {"a": 1}, {"a": 1}))
    by_user = found["ratings"]["models"]["a"]["slices"]
    assert by_user["warm"]["ratings"] == by_user["less_active"]["ratings"] == 40
    assert by_user["cold"] == by_user["more_active"] == {"ratings": 0}
    by_list = found["lists"]["models"]["a"]["slices"]
    assert by_list["warm"]["ndcg@10"] == 1
    assert by_list["cold"] == {"users": 0}
    assert by_list["tail"] == {"users": 40, "recall@10": 1}  # nobody has item 0 in training
    assert by_list["head"] == {"users": 0}


def test_a_fold_without_anything_to_measure_counts_for_nothing() -> None:
    empty = fold([7], {}, {})
    assert compared(empty)["ratings"] == {"best": None, "models": {}}
    found = compared(empty, fold([0], {"a": 1}, {"a": 1}))
    assert found["ratings"]["models"]["a"]["ratings"] == 40
    assert found["lists"]["models"]["a"]["ndcg@10"] == 1


def test_the_tables_hold_the_figures_and_say_where_there_are_none() -> None:
    text = as_text(comparison(fold([0], {"a": 1, "b": 2}, {"a": 1, "b": 0})))
    assert "Ratings: 40 ratings, best a" in text
    assert "Lists of 10: 40 users, best a" in text
    assert "-1.0000 (-1.0000 to -1.0000)" in text
    assert "a  0.25" in text
    nothing = as_text(comparison(fold([7], {}, {})))
    assert "No ratings could be measured." in nothing
    assert "No lists could be measured." in nothing
