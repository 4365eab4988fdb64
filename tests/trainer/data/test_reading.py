from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.trainer.data.dataset import NothingToLearnError
from services.trainer.data.reading import read_dataset
from shared.database import tables
from shared.database.engine import open_database
from shared.database.event_types import EVENT_WEIGHTS
from shared.database.storage import Row, insert_missing
from shared.errors import SommelierError
from shared.scorers.histories import Weighting
from tests.trainer.events import START, add, event


def test_an_empty_database_says_what_to_do(engine: Engine) -> None:
    with pytest.raises(NothingToLearnError, match="make generate"):
        read_dataset(engine, Weighting())


def test_ids_become_indices_in_id_order(engine: Engine) -> None:
    add(engine, event("u2", "b", 4, 1), event("U1", "a/b", 2, 2), event("u1 ", "b", 1, 3))
    dataset = read_dataset(engine, Weighting())
    assert list(dataset.users) == ["U1", "u1 ", "u2"]
    assert list(dataset.items) == ["a/b", "b"]
    ratings = dataset.ratings
    assert ratings is not None
    ratings_by_ids = {
        (dataset.users[u], dataset.items[i]): v
        for u, i, v in zip(
            ratings.user_indices.tolist(), ratings.item_indices, ratings.values, strict=True
        )
    }
    assert ratings_by_ids == {("u2", "b"): 4, ("U1", "a/b"): 2, ("u1 ", "b"): 1}


def test_the_newest_rating_of_a_pair_counts(engine: Engine) -> None:
    add(engine, event("u", "a", 5, 9), event("u", "a", 2, 3), event("u", "b", 1, 1))
    ratings = read_dataset(engine, Weighting()).ratings
    assert ratings is not None
    assert sorted(ratings.values.tolist()) == [1, 5]


def test_events_without_rating_are_seen_and_popular_but_not_rated(engine: Engine) -> None:
    add(
        engine,
        event("u", "a", 5, 1),
        event("u", "b", None, 2, "view"),
        event("u", "b", None, 3, "view"),
        event("v", "b", None, 4, "dislike"),
    )
    dataset = read_dataset(engine, Weighting())
    ratings = dataset.ratings
    assert ratings is not None
    assert len(ratings) == 1
    histories = dataset.histories
    assert histories.offsets.tolist() == [0, 2, 3]
    assert histories.item_indices.tolist() == [0, 1, 1]
    assert histories.preferences.tolist() == [True, True, False]


def test_a_row_counts_as_much_as_its_rating_against_the_mean(engine: Engine) -> None:
    add(engine, event("u", "a", 5, 1), event("u", "b", 1, 2), event("v", "b", None, 3, "view"))
    histories = read_dataset(engine, Weighting()).histories
    assert histories.confidences == pytest.approx([5 / 3, 1 / 3, 1])


@pytest.mark.parametrize("scale", [(0.5, 5), (-10, 10), (1, 100)])
def test_the_lowest_rating_is_worth_a_fifth_of_the_highest(
    engine: Engine, scale: tuple[float, float]
) -> None:
    add(engine, event("u", "a", scale[0], 1), event("u", "b", scale[1], 2))
    low, high = read_dataset(engine, Weighting()).histories.confidences
    assert high / low == pytest.approx(5)


def test_rows_of_one_moment_have_no_order(engine: Engine) -> None:
    add(engine, *({**event("u", f"i{n}", 3, n), "occurred_at": START} for n in range(5)))
    dataset = read_dataset(engine, Weighting())
    assert not dataset.is_timed
    assert dataset.histories.recency_ranks.tolist() == [0] * 5


def test_titles_categories_and_retired_items_come_along(engine: Engine) -> None:
    add(engine, event("u", "a", 5, 1), event("u", "b", 3, 2))
    row = {"title": "Ä ☕", "categories": ["Tea", "Hot"], "attributes": {}, "created_at": START}
    with engine.begin() as connection:
        insert_missing(connection, tables.items, [{**row, "item_id": "b", "is_active": False}])
        insert_missing(connection, tables.items, [{**row, "item_id": "new", "is_active": True}])
    dataset = read_dataset(engine, Weighting())
    assert list(dataset.titles) == ["", "Ä ☕"]
    assert list(dataset.categories) == ["", "Tea|Hot"]
    assert dataset.is_active.tolist() == [True, False]


def test_the_content_hash_ignores_order_and_sees_every_field(
    engine: Engine, tmp_path: Path
) -> None:
    events = [event("u", "a", 5, 1), event("v", "b", 3.5, 2), event("v", "a", None, 3, "view")]

    def hash_of(name: str, rows: list[Row]) -> str:
        other = open_database(sa.make_url(f"sqlite:///{tmp_path / name}"))
        add(other, *rows)
        return read_dataset(other, Weighting()).summary.content_hash

    same = hash_of("a", events)
    assert hash_of("b", events[::-1]) == same
    changes: list[Row] = [
        {"user_id": "w"},
        {"item_id": "c"},
        {"value": 2.5},
        {"occurred_at": None},
        {"event_type": "like"},
        {"rating": 4.5},
        {"occurred_at": START},
    ]
    hashes = {hash_of(f"c{n}", [{**events[0], **c}, *events[1:]]) for n, c in enumerate(changes)}
    assert len(hashes | {same}) == 8
    assert hash_of("d", events[:2]) not in hashes | {same}


def test_what_has_no_time_is_read_as_such(engine: Engine) -> None:
    add(engine, event("u", "a", 5, 1), {**event("u", "b", 3, 2), "occurred_at": None})
    interactions = read_dataset(engine, Weighting()).interactions
    assert interactions.has_time.tolist() == [False, True]
    assert interactions.item_indices.tolist() == [1, 0]


def test_the_median_value_of_a_type_counts_as_one_event(engine: Engine) -> None:
    rows = [("a", 2.0), ("b", 4.0), ("c", 16.0)]
    add(engine, *({**event("u", item, None, 1, "view"), "value": v} for item, v in rows))
    dataset = read_dataset(engine, Weighting())
    assert dataset.weighting.value_units == {"view": 4.0}
    assert np.exp2(dataset.histories.confidences) - 1 == pytest.approx([0.5, 1, 4])


def test_types_of_ones_own_need_a_weight(engine: Engine) -> None:
    add(engine, event("u", "a", None, 1, "wishlist"), event("u", "b", None, 2, "view"))
    with pytest.raises(SommelierError, match=r"1 of 'wishlist'.* EVENT_WEIGHTS=wishlist:1"):
        read_dataset(engine, Weighting())
    weighting = Weighting(event_weights={**EVENT_WEIGHTS, "wishlist": 3})
    confidences = read_dataset(engine, weighting).histories.confidences
    assert np.exp2(confidences) - 1 == pytest.approx([3, 1])


def test_the_content_hash_knows_own_types_by_their_names(engine: Engine, tmp_path: Path) -> None:
    add(engine, event("u", "a", None, 1, "wishlist"))
    hashes = {
        read_dataset(engine, Weighting(event_weights={**EVENT_WEIGHTS, **own})).summary.content_hash
        for own in ({"wishlist": 2}, {"wishlist": 3, "ad_click": 1})
    }
    assert len(hashes) == 1
    other = open_database(sa.make_url(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    add(other, event("u", "a", None, 1, "ad_click"))
    weighting = Weighting(event_weights={**EVENT_WEIGHTS, "ad_click": 1})
    assert read_dataset(other, weighting).summary.content_hash not in hashes
