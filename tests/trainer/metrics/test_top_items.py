from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.stages import rank
from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.top_items import top_items
from shared.arrays.types import Mask
from shared.artifacts.versions import read_version
from tests.api import small_version
from tests.api.recommend.ranking.list_requests import request_for
from tests.trainer.sets import mask, rows_of, sets


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


SCORES = (
    np.array([0.0]),
    np.array([-1.0, 0.0, 1.0]),
    np.array([-3e38, -1e-38, -0.0, 0.0, 1e-38, 3e38]),
    np.linspace(-1, 1, 1000),
)
"""All equal, many equal, extreme, mostly different."""
FLOATS = ("float32", "float64")


@pytest.mark.parametrize("seed", range(100))
def test_any_lists_are_those_of_a_full_sort(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_users, n_items, k = rng.integers(0, 12), rng.integers(1, 30), int(rng.integers(1, 40))
    scores = rng.choice(SCORES[seed % len(SCORES)], (n_users, n_items)).astype(rng.choice(FLOATS))
    is_excluded = rng.random((n_users, n_items)) < rng.random()
    is_active = rng.random(n_items) < rng.random()
    users, items = np.nonzero(is_excluded)
    lists = top_items(scores, k, ItemSets.from_pairs(users, items, int(n_users)), is_active)
    assert lists.tolist() == by_full_sort(scores, k, ~is_excluded & is_active)


def by_full_sort(scores: NDArray[np.floating], k: int, allowed: Mask) -> list[list[int]]:
    """The allowed items of each row by score, then by index, filled up to k with -1."""
    lists = []
    for row, candidates in zip(scores.tolist(), allowed, strict=True):
        ranked = sorted(np.flatnonzero(candidates).tolist(), key=lambda i: (-row[i], i))[:k]
        lists.append(ranked + [-1] * (k - len(ranked)))
    return lists


@pytest.mark.parametrize("k", [1, 7, 40, 60])
def test_the_lists_measured_are_the_lists_served(k: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(k)
    scores = rng.integers(0, 12, (30, 40)).astype(np.float32)  # many ties
    seen = sets(*[rng.choice(40, rng.integers(0, 40), replace=False).tolist() for _ in range(30)])
    is_active = rng.random(40) < 0.9
    version = read_version(tmp_path, small_version.publish(tmp_path))
    catalogue = replace(Catalogue.of(version), is_active=is_active)
    lists = top_items(scores, k, seen, is_active)
    for row, excluded, found in zip(scores, rows_of(seen), lists, strict=True):
        request = request_for(catalogue, dict(enumerate(row.tolist())), seen=excluded, top_n=k)
        served = rank(request)[0].items.tolist()
        assert found.tolist() == served + [-1] * (k - len(served))
