from typing import Any

import pytest

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.stages import STAGES, candidates, cut, rank, replay
from tests.api.recommend.ranking.list_requests import left, request_for


def ranked(catalogue: Catalogue, scores: dict[int, float], **more: Any) -> list[int]:
    items: list[int] = rank(request_for(catalogue, scores, **more))[0].items.tolist()
    return items


def test_best_first(small_catalogue: Catalogue) -> None:
    assert ranked(small_catalogue, {5: 3.0, 25: 9.0, 1: 1.0}, top_n=3) == [25, 5, 1]


def test_filters_come_before_the_cut(small_catalogue: Catalogue) -> None:
    scores = {item: float(item) for item in range(40)}
    best = ranked(small_catalogue, scores, top_n=3, seen=[38, 37], exclude_items=["TECH1017"])
    assert best == [35, 34, 33]  # 39 is not offered


@pytest.mark.parametrize(("top_n", "behind"), [(1, 38), (38, 1), (39, 0), (40, 0)])
def test_what_was_left_behind_is_counted(
    small_catalogue: Catalogue, top_n: int, behind: int
) -> None:
    listed, left_behind = rank(request_for(small_catalogue, top_n=top_n))
    assert (len(listed), left_behind) == (39 - behind, behind)


def test_no_items_left(small_catalogue: Catalogue) -> None:
    assert ranked(small_catalogue, {}, seen=range(40)) == []


def test_every_item_is_a_candidate_and_the_cut_is_last(small_catalogue: Catalogue) -> None:
    assert left(candidates, request_for(small_catalogue), []) == list(range(40))
    assert left(cut, request_for(small_catalogue, top_n=2), [7, 3, 1]) == [7, 3]
    steps = list(replay(request_for(small_catalogue)))
    assert [stage for stage, _ranking in steps] == list(STAGES)
    assert STAGES[-1] is cut
