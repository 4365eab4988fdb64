from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.database.event_types import EVENT_TYPES, EVENT_WEIGHTS
from shared.scorers.histories import (
    DAY_MS,
    NO_TIME,
    Histories,
    History,
    Interactions,
    Weighting,
)

Row = tuple[int, int, str, float | None, float]


def interactions(*rows: Row) -> Interactions:
    """User, item, event type, rating and day of each interaction."""
    return Interactions(
        user_indices=np.array([row[0] for row in rows], dtype=np.int32),
        item_indices=np.array([row[1] for row in rows], dtype=np.int32),
        event_codes=np.array([EVENT_TYPES.index(row[2]) for row in rows], dtype=np.uint8),
        ratings=np.array([row[3] for row in rows], dtype=np.float64),
        values=np.full(len(rows), np.nan),
        occurred_at=np.array([row[4] * DAY_MS for row in rows], dtype=np.int64),
    )


def history_of(*rows: Row, **weighting: object) -> History:
    return Weighting.model_validate(weighting).histories(interactions(*rows), 1)[0]


def test_rows_are_by_user_and_item_whatever_their_order() -> None:
    rows: list[Row] = [(2, 1, "view", None, 1), (0, 3, "view", None, 5), (0, 1, "view", None, 2)]
    histories = Weighting().histories(interactions(*rows), 4)
    assert [history.item_indices.tolist() for history in histories] == [[1, 3], [], [1], []]
    assert histories.user_indices().tolist() == [0, 0, 2]
    assert len(histories[-1]) == 0


def test_events_of_an_item_add_up() -> None:
    once, thrice = (
        history_of((0, 0, "view", None, 1)),
        history_of(*[(0, 0, "view", None, day) for day in (1, 2, 3)]),
    )
    assert once.confidences.tolist() == [1]
    assert thrice.confidences.tolist() == [2]
    assert history_of((0, 0, "purchase", None, 1)).confidences.tolist() == [2]


def test_the_newest_event_decides_whether_an_item_is_wanted() -> None:
    regretted = history_of((0, 0, "like", None, 1), (0, 0, "dislike", None, 2))
    assert (regretted.preferences.tolist(), regretted.confidences.tolist()) == ([False], [2])
    assert regretted.positive_confidences.tolist() == [0]
    returned = history_of((0, 0, "dislike", None, 1), (0, 0, "view", None, 2))
    assert (returned.preferences.tolist(), returned.confidences.tolist()) == ([True], [1])


def test_the_newest_rating_counts_and_a_view_after_it_takes_none_away() -> None:
    history = history_of(
        (0, 0, "rating", 2.0, 3),
        (0, 0, "rating", 5.0, 1),
        (0, 0, "view", None, 9),
        (0, 1, "view", None, 1),
    )
    assert history.ratings[0] == 2
    assert np.isnan(history.ratings[1])
    assert history.rated().item_indices.tolist() == [0]


def test_age_counts_from_the_users_own_newest_event() -> None:
    rows: list[Row] = [
        (0, 0, "view", None, 0),
        (0, 1, "view", None, 10),
        (1, 0, "view", None, 100),
    ]
    histories = Weighting(half_life_days=10).histories(interactions(*rows), 2)
    assert histories[0].confidences == pytest.approx([np.log2(1.5), 1])
    assert histories[1].confidences.tolist() == [1]


def test_ages_count_newer_rows_and_rows_of_one_moment_are_equally_old() -> None:
    rows: list[Row] = [
        (0, 0, "view", None, 1),
        (0, 1, "view", None, 7),
        (0, 2, "view", None, 7),
        (0, 3, "view", None, 9),
        (0, 0, "view", None, 2),
        (1, 5, "view", None, 0),
    ]
    histories = Weighting().histories(interactions(*rows), 2)
    assert [history.recency_ranks.tolist() for history in histories] == [[3, 1, 1, 0], [0]]
    untimed = Weighting(is_timed=False, half_life_days=1).histories(interactions(*rows), 2)
    assert untimed[0].recency_ranks.tolist() == [0, 0, 0, 0]
    assert (
        untimed[0].confidences.tolist()
        == Weighting().histories(interactions(*rows), 2)[0].confidences.tolist()
    )


def test_recent_rows_keep_their_confidence() -> None:
    history = history_of(*[(0, item, "view", None, day) for item, day in ((0, 1), (1, 2), (2, 3))])
    assert history.recent(1).confidences.tolist() == [0.25, 0.5, 1]
    assert history.recent(float("inf")).confidences.tolist() == [1, 1, 1]


def test_ratings_are_worth_what_the_weighting_says() -> None:
    weighting = {"rating_intercept": -0.5, "rating_slope": 0.5}
    rows: list[Row] = [
        (0, 0, "rating", 5.0, 1),
        (0, 1, "rating", 1.0, 2),
        (0, 2, "rating", 0.5, 3),
        (0, 3, "view", None, 4),
        (0, 4, "dislike", 5.0, 5),
    ]
    assert history_of(*rows, **weighting).confidences.tolist() == [2, 0, 0, 1, 2]


def test_a_history_alone_is_what_it_is_among_others() -> None:
    rng = np.random.default_rng(5)
    rows: list[Row] = [
        (int(u), int(i), str(rng.choice(EVENT_TYPES)), float(r), float(d))
        for u, i, r, d in rng.integers(1, 9, size=(200, 4))
    ]
    weighting = Weighting(half_life_days=3)
    together = weighting.histories(interactions(*rows), 9)
    for user in range(9):
        own_rows = [(0, *row[1:]) for row in rows if row[0] == user]
        alone = weighting.histories(interactions(*own_rows), 1)[0]
        for name, values in vars(together[user]).items():
            np.testing.assert_array_equal(getattr(alone, name), values)


def test_no_interactions_are_empty_histories() -> None:
    histories = Weighting().histories(interactions(), 3)
    assert [len(history) for history in histories] == [0, 0, 0]


def test_arrays_make_them_again_and_what_does_not_fit_is_refused() -> None:
    histories = Weighting().histories(interactions((0, 1, "rating", 3.0, 1)), 2)
    arrays = histories.arrays()
    assert Histories.from_arrays(arrays)[0].ratings.tolist() == [3]
    wrongs: dict[str, NDArray[np.generic]] = {
        "item_indices": np.empty(0, dtype=np.int32),
        "offsets": np.array([0, 2, 1], dtype=np.int64),
    }
    for name, wrong in wrongs.items():
        with pytest.raises(ValueError, match="do not fit together"):
            Histories.from_arrays({**arrays, name: wrong})


def test_users_who_are_taken_out_did_nothing_and_all_others_what_they_did() -> None:
    rows: list[Row] = [
        (0, 0, "view", None, 1),
        (1, 0, "rating", 4.0, 1),
        (1, 2, "dislike", None, 2),
        (2, 1, "cart", None, 3),
    ]
    attributes = np.arange(1, 7, dtype=np.float32).reshape(3, 2)
    histories = Weighting().histories(interactions(*rows), 3, attributes)
    left = histories.without_users(np.array([1]))
    assert len(left) == 3
    assert (len(left[1]), left[1].attributes.tolist()) == (0, [0, 0])
    for user in (0, 2):
        for name, values in vars(histories[user]).items():
            np.testing.assert_array_equal(vars(left[user])[name], values)
    assert len(histories[1]) == 2
    assert len(left.without_users(np.array([0, 2])).item_indices) == 0


def test_rows_are_chosen_by_place_and_by_mask() -> None:
    history = history_of(
        (0, 1, "rating", 5.0, 0), (0, 2, "rating", 3.0, 1), (0, 4, "view", None, 2)
    )
    for places in (np.array([1]), np.array([False, True, False])):
        left = history.at(places)
        assert (left.item_indices.tolist(), left.ratings.tolist()) == ([2], [3])
    assert history.at(np.array([2, 0])).recency_ranks.tolist() == [0, 2]


def test_joined_histories_are_in_the_order_of_items() -> None:
    first = history_of((0, 4, "rating", 5.0, 0), (0, 1, "view", None, 1))
    other = history_of((0, 2, "dislike", None, 0), (0, 7, "rating", 1.0, 3))
    joined = first.joined(other)
    assert joined.item_indices.tolist() == [1, 2, 4, 7]
    assert joined.preferences.tolist() == [True, False, True, True]
    assert joined.recency_ranks.tolist() == [0, 1, 1, 0]
    np.testing.assert_array_equal(joined.ratings, np.array([np.nan, np.nan, 5, 1]))
    assert joined.item_indices.dtype == np.int32


def test_the_names_of_published_arrays_stay() -> None:
    """They are names of files: a version of an earlier release has the same."""
    histories = Weighting().histories(interactions((0, 1, "view", None, 1)), users=1)
    assert set(histories.arrays()) == {
        "offsets",
        "item_indices",
        "preferences",
        "confidences",
        "ratings",
        "ages",
        "attributes",
    }
    again = Histories.from_arrays(histories.arrays())
    assert again.recency_ranks.tolist() == histories.recency_ranks.tolist() == [0]


def test_what_has_no_time_is_older_than_all_that_has_one() -> None:
    rows = interactions(
        (0, 0, "view", None, 0),
        (0, 1, "view", None, 3),
        (0, 2, "view", None, 0),
        (0, 3, "view", None, 9),
    )
    rows.occurred_at[[0, 2]] = NO_TIME
    history = Weighting(half_life_days=6).histories(rows, 1)[0]
    assert history.recency_ranks.tolist() == [2, 1, 2, 0]
    assert np.exp2(history.confidences) - 1 == pytest.approx([0.5, 0.5, 0.5, 1])


def test_without_any_time_nothing_ages() -> None:
    rows = interactions((0, 0, "view", None, 0), (0, 1, "cart", None, 0))
    rows.occurred_at[:] = NO_TIME
    history = Weighting(half_life_days=1).histories(rows, 1)[0]
    assert history.recency_ranks.tolist() == [0, 0]
    assert np.exp2(history.confidences) - 1 == pytest.approx([1, 2])


def test_a_value_counts_against_the_unit_of_its_type() -> None:
    rows = interactions(
        (0, 0, "view", None, 1),
        (0, 1, "view", None, 1),
        (0, 2, "cart", None, 1),
        (0, 3, "view", None, 1),
    )
    rows.values[:] = [30, 5, 8, np.nan]
    history = Weighting(value_units={"view": 10}).histories(rows, 1)[0]
    assert np.exp2(history.confidences) - 1 == pytest.approx([3, 0.5, 2, 1])


def test_types_of_ones_own_weigh_what_they_are_told_to() -> None:
    weights = {**EVENT_WEIGHTS, "wishlist": 2.5, "ad_click": 0.5}
    weighting = Weighting(event_weights=weights)
    assert weighting.codes_of(["ad_click", "dislike", "wishlist"]).tolist() == [7, 6, 8]
    rows = interactions((0, 0, "view", None, 1), (0, 1, "view", None, 1))
    rows.event_codes[:] = weighting.codes_of(["wishlist", "ad_click"])
    confidences = weighting.histories(rows, 1)[0].confidences
    assert np.exp2(confidences) - 1 == pytest.approx([2.5, 0.5])


def test_a_weighting_learns_of_types_that_it_does_not_know() -> None:
    known = Weighting(event_weights={**EVENT_WEIGHTS, "view": 7})
    weights = known.knowing({**EVENT_WEIGHTS, "wishlist": 2}).event_weights
    assert (weights["view"], weights["wishlist"]) == (7, 2)
    assert known.knowing(EVENT_WEIGHTS) is known


@given(st.randoms(use_true_random=False))
def test_rows_in_any_order_come_into_one(random: Random) -> None:
    rng = np.random.default_rng(random.randrange(2**32))
    rows = interactions(
        *(
            (int(u), int(i), str(rng.choice(EVENT_TYPES)), float(r) if r else None, float(d))
            for u, i, r, d in rng.integers(0, 3, (60, 4))
        )
    )
    rows.values[:] = rng.choice([np.nan, 1, 2], 60)
    rows.occurred_at[rng.random(60) < 0.3] = NO_TIME
    order = rng.permutation(60)
    shuffled = Interactions(*(column[order] for column in vars(rows).values()))
    for name, column in vars(rows.in_order()).items():
        np.testing.assert_array_equal(getattr(shuffled.in_order(), name), column)
    first = Weighting().histories(rows.in_order(), 3).arrays()
    second = Weighting().histories(shuffled.in_order(), 3).arrays()
    for name, column in first.items():
        np.testing.assert_array_equal(second[name], column)
