import numpy as np
import pytest

from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.beyond_accuracy import (
    beyond_accuracy,
    coverage,
    diversity,
    exposure,
    gini,
    novelty,
)
from tests.trainer.sets import sets


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
