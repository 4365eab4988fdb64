import numpy as np
import pytest

from services.api.ranking import Query, Ranking, cut, rank
from shared.scorers import Popularity


def query(scores: list[float], *, excluded: list[int] | None = None, top_n: int = 100) -> Query:
    return Query(
        scorer=Popularity(np.array(scores, dtype=np.float32)),
        vector=np.empty(0, dtype=np.float32),
        is_active=np.ones(len(scores), dtype=np.bool_),
        excluded=np.array(excluded or [], dtype=np.int64),
        top_n=top_n,
    )


def test_best_first() -> None:
    ranking = rank(query([1, 3, 2]))
    assert ranking.items.tolist() == [1, 2, 0]
    assert ranking.scores.tolist() == [3, 2, 1]


def test_inactive_and_excluded_items_are_left_out() -> None:
    asked = query([1, 2, 3, 4], excluded=[2, 2])
    asked.is_active[3] = False
    assert rank(asked).items.tolist() == [1, 0]


@pytest.mark.parametrize("top_n", [1, 2, 3, 4])
def test_equal_scores_go_by_item_index_also_where_the_list_is_cut(top_n: int) -> None:
    assert rank(query([5, 7, 5, 5], top_n=top_n)).items.tolist() == [1, 0, 2, 3][:top_n]


def test_no_items_left() -> None:
    assert rank(query([1, 2], excluded=[0, 1])).items.tolist() == []


def test_cut_agrees_with_a_full_sort() -> None:
    rng = np.random.default_rng(7)
    scores = rng.integers(0, 50, 1000).astype(np.float32)  # many ties
    everything = Ranking(np.arange(1000), scores)
    expected = sorted(range(1000), key=lambda item: (-scores[item], item))
    assert cut(query([0], top_n=30), everything).items.tolist() == expected[:30]
