from collections import Counter

import numpy as np
import pytest

from services.api.live.catalogue import Catalogue
from services.api.recommend.ranking.reranking import (
    diversify,
    make_room_for_new,
    pin,
    pinned_places,
)
from services.api.recommend.rules import Pin, Rules
from tests.api.recommend.ranking.list_requests import TECH, left, request_for

NEW = (40, 41, 42)  # of the catalogue with new items


def test_diversity_alternates_where_categories_are_all_that_is_known(
    small_catalogue: Catalogue,
) -> None:
    scores = {TECH: 9.0, TECH + 1: 8.0, TECH + 2: 7.0, 0: 3.0, 1: 2.0}
    items = [TECH, TECH + 1, TECH + 2, 0, 1]
    plain = request_for(small_catalogue, scores, top_n=3, diversity=0)
    assert left(diversify, plain, items) == items
    mixed = request_for(small_catalogue, scores, top_n=3, diversity=0.6)
    assert left(diversify, mixed, items)[:2] == [TECH, 0]
    assert sorted(left(diversify, mixed, items)) == sorted(items)


def test_diversity_goes_by_what_the_model_takes_for_alike(small_catalogue: Catalogue) -> None:
    vectors = np.zeros((40, 2), dtype=np.float32)
    vectors[[0, 1]] = (1, 0)  # twins
    vectors[2] = (0, 3)
    list_request = request_for(
        small_catalogue, {0: 3.0, 1: 2.9, 2: 1.0}, vectors=vectors, top_n=2, diversity=1
    )
    assert left(diversify, list_request, [0, 1, 2]) == [0, 2, 1]


def test_a_little_diversity_never_costs_the_best_item(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, {7: 1.0}, top_n=5, diversity=0.9)
    assert left(diversify, list_request, [7, 1, 2, 30])[0] == 7


@pytest.mark.parametrize("items", [[], [3]])
def test_there_is_nothing_to_diversify(small_catalogue: Catalogue, items: list[int]) -> None:
    assert left(diversify, request_for(small_catalogue, diversity=1), items) == items


def shares(catalogue: Catalogue, new_share: float, top_n: int, items: list[int]) -> Counter[int]:
    """How often how many new items are among the first `top_n`."""
    counts: Counter[int] = Counter()
    for chance in range(400):
        list_request = request_for(catalogue, chance=chance, new_share=new_share, top_n=top_n)
        listed = left(make_room_for_new, list_request, items)
        assert sorted(listed) == sorted(items)
        counts[sum(item in NEW for item in listed[:top_n])] += 1
    return counts


def test_new_items_get_their_share_where_they_score_low(catalogue_with_new: Catalogue) -> None:
    items = [*range(30), *NEW]
    assert shares(catalogue_with_new, 0.1, 10, items) == {1: 400}
    assert shares(catalogue_with_new, 0.0, 10, items) == {0: 400}
    of_five = shares(catalogue_with_new, 0.1, 5, items)
    assert of_five[1] == pytest.approx(200, abs=50)
    assert set(of_five) == {0, 1}


def test_new_items_get_no_more_where_they_score_high(catalogue_with_new: Catalogue) -> None:
    assert shares(catalogue_with_new, 0.1, 10, [*NEW, *range(30)]) == {1: 400}


def test_a_list_of_one_is_never_new(catalogue_with_new: Catalogue) -> None:
    assert shares(catalogue_with_new, 1.0, 1, [*NEW, *range(30)]) == {0: 400}


def test_new_items_fill_a_list_that_would_be_short(catalogue_with_new: Catalogue) -> None:
    assert shares(catalogue_with_new, 0.0, 5, [0, 1, *NEW]) == {3: 400}


def test_a_new_item_keeps_a_place_that_it_earned_and_else_comes_last(
    catalogue_with_new: Catalogue,
) -> None:
    list_request = request_for(catalogue_with_new, {40: 5.0}, new_share=0.25, top_n=4)
    assert left(make_room_for_new, list_request, [0, 40, 1, 2, 3, 41])[:4] == [0, 40, 1, 2]
    list_request = request_for(catalogue_with_new, {40: 5.0}, new_share=0.25, top_n=4)
    assert left(make_room_for_new, list_request, [0, 1, 2, 3, 4, 41, 40])[:4] == [0, 1, 2, 40]


def test_only_items_are_ranked_as_they_are(catalogue_with_new: Catalogue) -> None:
    list_request = request_for(catalogue_with_new, only_items=["new1"], new_share=0, top_n=1)
    assert left(make_room_for_new, list_request, [40, 3]) == [40, 3]


def pinned(*pins: tuple[str, int]) -> Rules:
    return Rules(pinned=tuple(Pin(item_id=item_id, rank=rank) for item_id, rank in pins))


def test_pins_take_their_places(small_catalogue: Catalogue) -> None:
    rules = pinned(("FASH1010", 3), ("FASH1008", 1))
    assert left(pin, request_for(small_catalogue, rules=rules), [0, 1, 9, 2, 7]) == [7, 0, 9, 1, 2]


def test_a_pin_that_was_filtered_out_stays_out(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, rules=pinned(("FASH1010", 1), ("no such item", 1)))
    assert left(pin, list_request, [0, 1]) == [0, 1]


def test_a_pin_beyond_a_short_list_comes_last(small_catalogue: Catalogue) -> None:
    list_request = request_for(small_catalogue, rules=pinned(("FASH1001", 10)), top_n=10)
    assert left(pin, list_request, [0, 1, 2]) == [1, 2, 0]


def test_pins_count_places_over_pages(small_catalogue: Catalogue) -> None:
    rules = pinned(("FASH1001", 1), ("FASH1010", 5))
    second = request_for(small_catalogue, rules=rules, top_n=3, shown=[20, 21, 22])
    assert left(pin, second, [1, 2, 3, 9]) == [1, 9, 2, 3]
    first = request_for(small_catalogue, rules=rules, top_n=3)
    assert left(pin, first, [1, 2, 3, 9]) == [1, 2, 3, 9]


def test_where_pins_are_in_a_catalogue(small_catalogue: Catalogue) -> None:
    rules = pinned(("TECH1001", 3), ("FASH1001", 1), ("no such item", 2))
    assert list(pinned_places(request_for(small_catalogue, rules=rules))) == [(0, 0), (2, 20)]
    assert list(pinned_places(request_for(small_catalogue, rules=rules, shown=[1, 2]))) == [(0, 20)]
