from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.stages import rank
from services.trainer.metrics.top_items import top_items
from shared.artifacts.versions import read_version
from tests.api import small_version
from tests.api.recommend.ranking.queries import query
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
        asked = query(catalogue, dict(enumerate(row.tolist())), seen=excluded, top_n=k)
        served = rank(asked)[0].items.tolist()
        assert found.tolist() == served + [-1] * (k - len(served))
