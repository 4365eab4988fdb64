import numpy as np
import pytest

from tests.trainer.segments.behaviours import behaviour, described, item_descriptions, many, pair


def test_a_segment_says_how_large_active_and_generous_it_is() -> None:
    seen = behaviour((0, 0), (0, 1), (1, 0), (2, 1), ratings=[5, 4, np.nan, np.nan])
    first, second = described([0, 0, 1, -1], seen, pair())
    assert (first.segment_id, first.size, first.share) == ("S1", 2, 2 / 3)
    assert (first.mean_rating, first.activity) == (4.5, 1.5)
    assert (second.segment_id, second.mean_rating, second.activity) == ("S2", None, 1)


def test_what_everybody_likes_is_favourite_but_not_distinctive() -> None:
    seen = behaviour(
        *many(0, 0, 100), *many(0, 1, 60), *many(1, 0, 100), *many(1, 2, 60), *many(1, 3, 1)
    )
    items = item_descriptions(["all", "mine|ours", "yours", "rare"])
    first, second = described([0, 1], seen, items)
    assert [share.category for share in first.favourite_categories] == ["all", "mine", "ours"]
    assert [share.category for share in first.distinctive_categories] == ["mine", "ours"]
    assert second.distinctive_categories[0].category == "yours"
    assert first.favourite_categories[0].share == 100 / 160
    assert first.distinctive_categories[0].lift == pytest.approx(70 / (160 * 60 / 321 + 10))
    assert first.distinctive_items[0].item_id == "i0001"
    assert (first.name, second.name) == ("mine and ours, rarely yours", "yours, rarely mine")
