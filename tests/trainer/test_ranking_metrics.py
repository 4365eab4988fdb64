from itertools import chain
from math import log2

import ir_measures
import numpy as np
import pytest
from numpy.typing import NDArray

from services.api.ranking import Query, rank
from services.trainer.ranking_metrics import (
    ItemSets,
    Measured,
    activity_slices,
    beyond_accuracy,
    by_user,
    coverage,
    diversity,
    exposure,
    gini,
    head_and_tail,
    hits,
    leave_one_out,
    leave_one_out_rank,
    measure,
    novelty,
    recall_by_item,
    top_items,
)
from shared.scorers import Popularity


def sets(*rows: list[int]) -> ItemSets:
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    items = np.array(list(chain(*rows)), dtype=np.int64)
    return ItemSets.from_pairs(users, items, len(rows))


def rows_of(found: ItemSets) -> list[list[int]]:
    return [part.tolist() for part in np.split(found.item_indices, found.offsets[1:-1])]


def mask(*values: int) -> NDArray[np.bool_]:
    return np.array(values, dtype=np.bool_)


# Sets of items


def test_pairs_become_sets_in_any_order_and_once() -> None:
    users, items = np.array([2, 0, 2, 0, 2]), np.array([5, 9, 1, 0, 5])
    found = ItemSets.from_pairs(users, items, 4)
    assert rows_of(found) == [[0, 9], [], [1, 5], []]
    assert found.sizes().tolist() == [2, 0, 2, 0]
    assert found.popularity(10).tolist() == [1, 1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_pairs_of_small_integer_types_do_not_overflow() -> None:
    users, items = np.array([100_000], dtype=np.int32), np.array([100_000], dtype=np.int32)
    assert ItemSets.from_pairs(users, items, 100_001).owners().tolist() == [100_000]


def test_sets_of_some_users_come_in_the_order_asked() -> None:
    found = sets([1, 2], [], [7], [3, 4, 5]).of(np.array([3, 1, 0, 3]))
    assert rows_of(found) == [[3, 4, 5], [], [1, 2], [3, 4, 5]]


def test_sets_within_a_slice_of_items_keep_their_users() -> None:
    assert rows_of(sets([0, 2], [1], [2]).within(mask(1, 0, 1))) == [[0, 2], [], [2]]


# The best items


def test_the_best_items_come_first_and_ties_by_index() -> None:
    scores = np.array([[1, 5, 3, 5], [2, 2, 2, 2]], dtype=np.float32)
    assert top_items(scores, 3, sets([], [])).tolist() == [[1, 3, 2], [0, 1, 2]]


def test_what_is_excluded_or_inactive_is_never_shown() -> None:
    scores = np.array([[1, 5, 3, 4], [9, 8, 7, 6]], dtype=np.float32)
    lists = top_items(scores, 4, sets([1], [0, 1, 2, 3]), mask(1, 1, 0, 1))
    assert lists.tolist() == [[3, 0, -1, -1], [-1, -1, -1, -1]]


def test_a_list_is_filled_up_where_the_catalogue_is_smaller() -> None:
    assert top_items(np.array([[1.0, 2.0]]), 4, sets([])).tolist() == [[1, 0, -1, -1]]


def test_scores_without_an_order_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        top_items(np.array([[1, np.nan]]), 1, sets([]))


@pytest.mark.parametrize("k", [1, 7, 40, 60])
def test_the_lists_measured_are_the_lists_served(k: int) -> None:
    rng = np.random.default_rng(k)
    scores = rng.integers(0, 12, (30, 50)).astype(np.float32)  # many ties
    seen = sets(*[rng.choice(50, rng.integers(0, 50), replace=False).tolist() for _ in range(30)])
    is_active = rng.random(50) < 0.9
    lists = top_items(scores, k, seen, is_active)
    for row, excluded, found in zip(scores, rows_of(seen), lists, strict=True):
        nobody = np.empty(0, dtype=np.float32)
        query = Query(Popularity(row), nobody, is_active, np.array(excluded, dtype=np.int64), k)
        served = rank(query).items.tolist()
        assert found.tolist() == served + [-1] * (k - len(served))


# Accuracy


def test_each_metric_by_hand() -> None:
    lists = np.array([[4, 7, 1, 0], [4, 7, 1, 0]])
    measured = measure(lists, sets([0, 7, 9], [4]), [3])
    best = 1 + 1 / log2(3) + 1 / log2(4)
    assert measured.values["ndcg@3"] == pytest.approx([1 / log2(3) / best, 1])
    assert measured.values["recall@3"] == pytest.approx([1 / 3, 1])
    assert measured.values["precision@3"] == pytest.approx([1 / 3, 1 / 3])
    assert measured.values["hit_rate@3"].tolist() == [1, 1]
    assert measured.values["mrr@3"] == pytest.approx([1 / 2, 1])


def test_a_perfect_list_is_worth_1_although_more_is_relevant() -> None:
    measured = measure(np.array([[3, 1]]), sets([1, 2, 3, 4]), [1, 2])
    assert measured.values["ndcg@1"] == pytest.approx([1])
    assert measured.values["ndcg@2"] == pytest.approx([1])
    assert measured.values["recall@1"] == pytest.approx(1 / 4)
    assert measured.values["recall@2"] == pytest.approx(2 / 4)


def test_nothing_found_is_0_in_every_metric() -> None:
    measured = measure(np.array([[5, 6]]), sets([1]), [2])
    assert {name: value.tolist() for name, value in measured.values.items()} == {
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
    assert measure(lists, relevant, [3]).values["precision@3"] == pytest.approx([1 / 3, 0, 1 / 3])


def test_users_without_anything_relevant_are_left_out() -> None:
    measured = measure(np.array([[1], [1], [2]]), sets([], [1], [3]), [1])
    assert measured.rows.tolist() == [1, 2]
    assert measured.left_out == 1
    assert measured.summary()["users"] == 2
    assert measured.summary()["recall@1"] == 0.5


def test_nobody_measured_has_no_means() -> None:
    assert measure(np.array([[1]]), sets([]), [1]).summary() == {"users": 0}


def test_lists_too_short_for_k_are_refused() -> None:
    with pytest.raises(ValueError, match="2 places cannot be measured at 3"):
        measure(np.array([[1, 2]]), sets([1]), [1, 3])


BY_NAME = {
    "ndcg": ir_measures.nDCG,
    "recall": ir_measures.R,
    "precision": ir_measures.P,
    "hit_rate": ir_measures.Success,
    "mrr": ir_measures.RR,
}


def by_ir_measures(lists: NDArray[np.int64], relevant: ItemSets) -> dict[str, dict[int, float]]:
    """Each metric at 1, 5 and 10 by ir-measures, for each user with relevant items."""
    wanted = {metric @ k: f"{name}@{k}" for name, metric in BY_NAME.items() for k in (1, 5, 10)}
    judged = {
        str(user): {str(item): 1 for item in items}
        for user, items in enumerate(rows_of(relevant))
        if items
    }
    run = {
        str(user): {str(item): -float(place) for place, item in enumerate(row) if item >= 0}
        for user, row in enumerate(lists)
    }
    found: dict[str, dict[int, float]] = {name: {} for name in wanted.values()}
    for value in ir_measures.iter_calc(list(wanted), judged, run):
        found[wanted[value.measure]][int(value.query_id)] = value.value
    return found


def test_metrics_agree_with_ir_measures() -> None:
    rng = np.random.default_rng(7)
    lists = np.array([rng.permutation(40)[:10] for _ in range(200)])
    lists[:40, 6:] = -1
    relevant = sets(*[np.flatnonzero(rng.random(40) < rng.random() / 3).tolist() for _ in lists])
    measured = measure(lists, relevant, [1, 5, 10])
    expected = by_ir_measures(lists, relevant)
    assert measured.left_out > 0
    assert measured.values.keys() == expected.keys()
    for name, values in measured.values.items():
        assert values == pytest.approx([expected[name][user] for user in measured.rows])


# One item left out among sampled others


def test_the_rank_among_negatives() -> None:
    positive, negatives = np.array([3.0, 3.0]), np.array([[1.0, 4.0, 2.0], [9.0, 8.0, 4.0]])
    ids, others = np.array([0, 1]), np.array([[5, 6, 7], [5, 6, 7]])
    ranks = leave_one_out_rank(positive, negatives, ids, others)
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


# Slices


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
    measured = Measured(np.array([0, 2, 3]), 1, {"mrr@5": np.array([0.2, 0.4, 0.9])})
    slices = {"cold": mask(0, 1, 1, 1), "warm": mask(1, 0, 0, 0), "nobody": mask(0, 1, 0, 0)}
    found = by_user(measured, slices)
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


# Beyond accuracy


def test_coverage_counts_an_item_once() -> None:
    counts = exposure(np.array([[0, 1], [1, -1]]), 4)
    assert counts.tolist() == [1, 2, 0, 0]
    assert coverage(counts) == 0.5


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([3, 3, 3], 0), ([0, 0, 0, 8], 3 / 4), ([1, 3], 1 / 4), ([0, 0], 0), ([5, 0, 1], 5 / 9)],
)
def test_gini_by_hand(counts: list[int], expected: float) -> None:
    assert gini(np.array(counts)) == pytest.approx(expected)


def test_gini_is_half_the_relative_mean_difference() -> None:
    counts = np.random.default_rng(3).integers(0, 40, size=60)
    differences = np.abs(counts[:, np.newaxis] - counts)
    assert gini(counts) == pytest.approx(differences.mean() / (2 * counts.mean()))


def test_novelty_is_the_information_in_bits() -> None:
    train = sets([0, 1], [0, 1], [0], [0], [])  # item 0 by all four users, item 1 by half
    assert novelty(np.array([[0, -1]]), train, 3) == 0
    assert novelty(np.array([[1, -1]]), train, 3) == 1
    assert novelty(np.array([[0, 1], [1, 2]]), train, 3) == (0 + 1 + 1 + 2) / 4
    assert novelty(np.array([[-1, -1]]), train, 3) == 0


def test_diversity_is_0_for_items_of_the_same_users_and_1_for_those_of_others() -> None:
    train = sets([0, 1], [0, 1], [2])
    lists = np.array([[0, 1, -1], [0, 2, -1], [0, 1, 2], [0, 3, -1], [3, 4, -1]])
    assert diversity(lists, train, 5) == pytest.approx([0, 1, 2 / 3, 1, 1])


def test_diversity_is_the_mean_over_pairs() -> None:
    rng = np.random.default_rng(11)
    had = rng.random((30, 12)) < 0.3
    users, items = np.nonzero(had)
    lists = np.array([rng.permutation(12)[:5] for _ in range(20)])
    columns = had / np.linalg.norm(had, axis=0)
    distance = 1 - columns.T @ columns
    pairs = np.triu_indices(5, 1)
    expected = [distance[row[pairs[0]], row[pairs[1]]].mean() for row in lists]
    assert diversity(lists, ItemSets.from_pairs(users, items, 30), 12) == pytest.approx(expected)


def test_diversity_of_one_item_is_not_a_number() -> None:
    assert np.isnan(diversity(np.array([[0, -1], [-1, -1]]), sets([0]), 1)).all()


def test_what_lists_show_is_measured_over_their_first_places() -> None:
    train = sets([0, 1], [0, 1], [2], [2])
    lists = np.array([[0, 1, 2], [0, -1, -1]])
    assert beyond_accuracy(lists, 2, train, 4) == pytest.approx(
        {"coverage@2": 0.5, "gini@2": 7 / 12, "novelty@2": 1, "diversity@2": 0}
    )
    assert "diversity@1" not in beyond_accuracy(lists, 1, train, 4)
