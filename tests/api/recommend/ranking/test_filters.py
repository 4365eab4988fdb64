import pytest

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.filters import (
    active,
    among_only_items,
    matching,
    not_excluded,
    not_shown,
    unseen,
)
from tests.api.recommend.ranking.list_requests import TECH, left, ranking, request_for

INACTIVE = 39
FASHION, ALL = list(range(20)), list(range(40))


def test_what_is_not_offered_leaves(small_catalogue: Catalogue) -> None:
    assert left(active, request_for(small_catalogue)) == ALL[:INACTIVE]


def test_scores_stay_with_their_items(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, {1: 5.0, 38: 7.0}, seen=[0, 2])
    after = unseen(list_request, ranking(list_request, [38, 2, 1]))
    assert (after.items.tolist(), after.scores.tolist()) == ([38, 1], [7, 5])


@pytest.mark.parametrize("exclude_rated", [True, False])
def test_the_history_leaves_where_that_is_asked_for(
    small_catalogue: Catalogue, exclude_rated: bool
) -> None:
    list_request = request_for(small_catalogue, seen=[3, 3, -1, 20], exclude_rated=exclude_rated)
    dropped = set(ALL) - set(left(unseen, list_request))
    assert dropped == ({3, 20} if exclude_rated else set())


def test_named_items_leave(small_catalogue: Catalogue) -> None:
    list_request = request_for(
        small_catalogue, exclude_items=["FASH1001", "no such item", "TECH1020"]
    )
    assert left(not_excluded, list_request) == ALL[1:-1]
    assert left(not_excluded, request_for(small_catalogue)) == ALL


def test_what_pages_before_have_shown_leaves(small_catalogue: Catalogue) -> None:
    assert left(not_shown, request_for(small_catalogue, shown=range(1, 40))) == [0]


def test_only_named_items_stay(small_catalogue: Catalogue) -> None:
    list_request = request_for(
        small_catalogue, only_items=["TECH1001", "no such item", "FASH1001", "TECH1001"]
    )
    assert left(among_only_items, list_request) == [0, TECH]
    assert left(among_only_items, request_for(small_catalogue, only_items=["none of ours"])) == []
    assert left(among_only_items, request_for(small_catalogue)) == ALL


def test_only_the_categories_stay(small_catalogue: Catalogue) -> None:
    fashion = request_for(small_catalogue, categories=["FASH", "no such"])
    assert left(matching, fashion) == FASHION
    assert left(matching, request_for(small_catalogue, categories=["FASH", "TECH"])) == ALL
    assert left(matching, request_for(small_catalogue, categories=["fash"])) == []
    assert left(matching, request_for(small_catalogue)) == ALL


def test_what_the_filter_and_the_categories_ask_for_holds_together(
    small_catalogue: Catalogue,
) -> None:
    both = request_for(
        small_catalogue, categories=["FASH"], filter={"categories": {"none": ["TECH"]}}
    )
    assert left(matching, both) == FASHION
    neither = request_for(
        small_catalogue, categories=["FASH"], filter={"categories": {"all": ["TECH"]}}
    )
    assert left(matching, neither) == []


def test_nothing_is_left_of_nothing(small_catalogue: Catalogue) -> None:
    list_request = request_for(
        small_catalogue, seen=[1], exclude_items=["TECH1001"], categories=["TECH"]
    )
    for stage in (active, unseen, not_excluded, not_shown, among_only_items, matching):
        assert left(stage, list_request, []) == []
