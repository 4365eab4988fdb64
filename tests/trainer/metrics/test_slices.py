import numpy as np
import pytest

from services.trainer.metrics.ranking import RankingMetrics
from services.trainer.metrics.slices import activity_slices, by_user, head_and_tail, recall_by_item
from tests.trainer.sets import mask, sets


def test_users_by_how_much_they_did_in_training() -> None:
    slices = activity_slices(np.array([0, 1, 2, 2, 9, 0]))
    assert {name: np.flatnonzero(users).tolist() for name, users in slices.items()} == {
        "cold": [0, 5],
        "warm": [1, 2, 3, 4],
        "less_active": [1, 2, 3],
        "more_active": [4],
    }


def test_nobody_active_is_in_no_half() -> None:
    slices = activity_slices(np.zeros(3, dtype=np.int64))
    assert {name: int(users.sum()) for name, users in slices.items()} == {
        "cold": 3,
        "warm": 0,
        "less_active": 0,
        "more_active": 0,
    }


@pytest.mark.parametrize(
    ("popularity", "head"),
    [([1, 6, 2, 1], [1]), ([5, 1, 4, 2], [0, 2]), ([2, 2, 2, 2], [0, 1]), ([0, 0], [])],
)
def test_the_head_are_the_fewest_items_with_half_of_the_interactions(
    popularity: list[int], head: list[int]
) -> None:
    slices = head_and_tail(np.array(popularity))
    assert np.flatnonzero(slices["head"]).tolist() == head
    assert np.array_equal(slices["tail"], ~slices["head"])


def test_means_of_slices_of_users_count_those_measured() -> None:
    metrics = RankingMetrics(np.array([0, 2, 3]), 1, {"mrr@5": np.array([0.2, 0.4, 0.9])})
    slices = {"cold": mask(0, 1, 1, 1), "warm": mask(1, 0, 0, 0), "nobody": mask(0, 1, 0, 0)}
    found = by_user(metrics, slices)
    assert found["cold"] == pytest.approx({"users": 2, "mrr@5": 0.65})
    assert found["warm"] == pytest.approx({"users": 1, "mrr@5": 0.2})
    assert found["nobody"] == {"users": 0}


def test_recall_of_a_slice_of_items_is_over_users_who_wanted_such() -> None:
    lists, relevant = np.array([[0, 3], [0, 1]]), sets([0, 2, 3], [0])
    slices = {"head": mask(1, 1, 0, 0), "tail": mask(0, 0, 1, 1)}
    assert recall_by_item(lists, relevant, slices, [1, 2]) == {
        "head": {"users": 2, "recall@1": 1, "recall@2": 1},
        "tail": {"users": 1, "recall@1": 0, "recall@2": 0.5},
    }
