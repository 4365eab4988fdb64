from math import log2

import ir_measures
import numpy as np
import pytest
from numpy.typing import NDArray

from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.ranking import evaluate_lists, hits, leave_one_out, leave_one_out_rank
from tests.trainer.sets import rows_of, sets


def test_each_metric_by_hand() -> None:
    lists = np.array([[4, 7, 1, 0], [4, 7, 1, 0]])
    metrics = evaluate_lists(lists, sets([0, 7, 9], [4]), [3])
    best = 1 + 1 / log2(3) + 1 / log2(4)
    assert metrics.values["ndcg@3"] == pytest.approx([1 / log2(3) / best, 1])
    assert metrics.values["recall@3"] == pytest.approx([1 / 3, 1])
    assert metrics.values["precision@3"] == pytest.approx([1 / 3, 1 / 3])
    assert metrics.values["hit_rate@3"].tolist() == [1, 1]
    assert metrics.values["mrr@3"] == pytest.approx([1 / 2, 1])


def test_a_perfect_list_is_worth_1_although_more_is_relevant() -> None:
    metrics = evaluate_lists(np.array([[3, 1]]), sets([1, 2, 3, 4]), [1, 2])
    assert metrics.values["ndcg@1"] == pytest.approx([1])
    assert metrics.values["ndcg@2"] == pytest.approx([1])
    assert metrics.values["recall@1"] == pytest.approx(1 / 4)
    assert metrics.values["recall@2"] == pytest.approx(2 / 4)


def test_nothing_found_is_0_in_every_metric() -> None:
    metrics = evaluate_lists(np.array([[5, 6]]), sets([1]), [2])
    assert {name: value.tolist() for name, value in metrics.values.items()} == {
        "ndcg@2": [0],
        "recall@2": [0],
        "precision@2": [0],
        "hit_rate@2": [0],
        "mrr@2": [0],
    }


def test_places_without_an_item_hit_nothing() -> None:
    lists = np.array([[0, -1, -1], [-1, -1, -1], [1, -1, -1]])
    relevant = sets([0, 2], [2], [0, 1, 2])
    assert hits(lists, relevant).tolist() == [
        [True, False, False],
        [False] * 3,
        [True, False, False],
    ]
    assert evaluate_lists(lists, relevant, [3]).values["precision@3"] == pytest.approx(
        [1 / 3, 0, 1 / 3]
    )


def test_users_without_anything_relevant_are_left_out() -> None:
    metrics = evaluate_lists(np.array([[1], [1], [2]]), sets([], [1], [3]), [1])
    assert metrics.rows.tolist() == [1, 2]
    assert metrics.left_out == 1
    assert metrics.summary()["users"] == 2
    assert metrics.summary()["recall@1"] == 0.5


def test_nobody_measured_has_no_means() -> None:
    assert evaluate_lists(np.array([[1]]), sets([]), [1]).summary() == {"users": 0}


def test_lists_too_short_for_k_are_refused() -> None:
    with pytest.raises(ValueError, match="2 places cannot be measured at 3"):
        evaluate_lists(np.array([[1, 2]]), sets([1]), [1, 3])


BY_NAME = {
    "ndcg": ir_measures.nDCG,
    "recall": ir_measures.R,
    "precision": ir_measures.P,
    "hit_rate": ir_measures.Success,
    "mrr": ir_measures.RR,
}


def by_ir_measures(lists: NDArray[np.int64], relevant: ItemSets) -> dict[str, dict[int, float]]:
    """Each metric at 1, 5 and 10 by ir-measures, for each user with relevant items."""
    names = {metric @ k: f"{name}@{k}" for name, metric in BY_NAME.items() for k in (1, 5, 10)}
    judged = {
        str(user): {str(item): 1 for item in items}
        for user, items in enumerate(rows_of(relevant))
        if items
    }
    run = {
        str(user): {str(item): -float(place) for place, item in enumerate(row) if item >= 0}
        for user, row in enumerate(lists)
    }
    found: dict[str, dict[int, float]] = {name: {} for name in names.values()}
    for value in ir_measures.iter_calc(list(names), judged, run):
        found[names[value.measure]][int(value.query_id)] = value.value
    return found


def test_metrics_agree_with_ir_measures() -> None:
    rng = np.random.default_rng(7)
    lists = np.array([rng.permutation(40)[:10] for _ in range(200)])
    lists[:40, 6:] = -1
    relevant = sets(*[np.flatnonzero(rng.random(40) < rng.random() / 3).tolist() for _ in lists])
    metrics = evaluate_lists(lists, relevant, [1, 5, 10])
    expected = by_ir_measures(lists, relevant)
    assert metrics.left_out > 0
    assert metrics.values.keys() == expected.keys()
    for name, values in metrics.values.items():
        assert values == pytest.approx([expected[name][user] for user in metrics.rows])


# One item left out among sampled others


def test_the_rank_among_negatives() -> None:
    positive, negatives = np.array([3.0, 3.0]), np.array([[1.0, 4.0, 2.0], [9.0, 8.0, 4.0]])
    ids, negative_ids = np.array([0, 1]), np.array([[5, 6, 7], [5, 6, 7]])
    ranks = leave_one_out_rank(positive, negatives, ids, negative_ids)
    assert ranks.tolist() == [2, 4]
    values = leave_one_out(ranks, [2, 3])
    assert values["hit_rate@2"].tolist() == values["hit_rate@3"].tolist() == [1, 0]
    assert values["ndcg@2"] == pytest.approx([1 / log2(3), 0])
    assert values["ndcg@3"] == pytest.approx([1 / log2(3), 0])


def test_the_positive_among_its_own_negatives_is_not_compared() -> None:
    scores, ids = np.array([[3.0, 5.0]]), np.array([[8, 9]])
    assert leave_one_out_rank(np.array([3.0]), scores, np.array([8]), ids).tolist() == [2]


@pytest.mark.parametrize("same", [3.0, np.nan])
def test_a_model_that_cannot_tell_is_last(same: float) -> None:
    scores = np.full((1, 5), same)
    ranks = leave_one_out_rank(scores[:, 0], scores, np.array([9]), np.arange(5)[np.newaxis])
    assert ranks.tolist() == [6]
