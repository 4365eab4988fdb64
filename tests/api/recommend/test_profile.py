import numpy as np
import pytest

from services.api.live.catalogue import Catalogue
from services.api.live.users import Event, LiveUser
from services.api.recommend.profile import profile_of, session_profile, with_older
from shared.database.event_types import EVENT_TYPES
from shared.scorers.histories import Interactions, Weighting
from tests.shared.histories import rated_histories

EVERY = None
DAY = 86_400_000


def live(*events: tuple[str, str, float | None]) -> LiveUser:
    return LiveUser([Event(*event, moment * DAY) for moment, event in enumerate(events)])


def test_a_history_is_what_training_would_make_of_the_events(small_catalogue: Catalogue) -> None:
    user = live(
        ("TECH1004", "view", None),
        ("FASH1001", "rating", 2.0),
        ("unheard of", "purchase", None),
        ("TECH1004", "like", None),
        ("FASH1001", "rating", 5.0),
        ("FASH1002", "dislike", None),
    )
    history = profile_of(small_catalogue, "newcomer", user, EVERY).history
    known = [(23, "view", np.nan), (0, "rating", 2.0), (23, "like", np.nan), (0, "rating", 5.0)]
    events = [*known, (1, "dislike", np.nan)]
    trained = Weighting().histories(
        Interactions(
            user_indices=np.zeros(5, dtype=np.int32),
            item_indices=np.array([event[0] for event in events], dtype=np.int32),
            event_codes=np.array([EVENT_TYPES.index(e[1]) for e in events], dtype=np.uint8),
            ratings=np.array([event[2] for event in events]),
            values=np.full(5, np.nan),
            occurred_at=np.array([0, 1, 3, 4, 5]) * DAY,
        ),
        1,
    )[0]
    for name, column in vars(trained).items():
        np.testing.assert_array_equal(getattr(history, name), column)


def test_the_history_at_training_stands_in_for_the_database(small_catalogue: Catalogue) -> None:
    profile = profile_of(small_catalogue, "U10001", None, EVERY)
    assert profile.history.item_indices.tolist() == [20, 21, 22]
    assert profile.seen.tolist() == [20, 21, 22]
    assert len(profile_of(small_catalogue, "nobody", None, EVERY).history) == 0


def test_nothing_is_known_of_whoever_was_erased(small_catalogue: Catalogue) -> None:
    erased = LiveUser(is_erased=True)
    profile = profile_of(small_catalogue, "U10001", erased, EVERY)
    assert (len(profile.history), len(profile.seen)) == (0, 0)


def test_what_was_seen_holds_new_items_too(catalogue_with_new: Catalogue) -> None:
    user = live(("new1", "view", None), ("TECH1010", "purchase", None), ("no item", "view", None))
    profile = profile_of(catalogue_with_new, "newcomer", user, EVERY)
    assert sorted(profile.seen.tolist()) == [29, 40]
    assert profile.history.item_indices.tolist() == [29]
    assert profile.event_types[40] == "view"
    narrow = profile_of(catalogue_with_new, "newcomer", user, ("purchase",))
    assert narrow.seen.tolist() == [29]


def test_rows_that_only_the_version_has_count_as_the_oldest(small_catalogue: Catalogue) -> None:
    user = live(("TECH1010", "rating", 4.0), ("TECH1002", "rating", 1.0))
    history = profile_of(small_catalogue, "U10001", user, EVERY).history
    assert history.item_indices.tolist() == [20, 21, 22, 29]
    assert history.ratings.tolist() == pytest.approx([3.41, 1, 4.23, 4])
    assert history.recency_ranks.tolist()[1::2] == [0, 1]
    assert min(history.recency_ranks[[0, 2]]) >= 2


def test_without_times_nothing_is_older() -> None:
    newer, older = rated_histories([(1, 2.0)], [(0, 3.0), (1, 5.0)])
    merged = with_older(newer, older, is_timed=False)
    assert merged.item_indices.tolist() == [0, 1]
    assert merged.ratings.tolist() == [3, 2]
    assert merged.recency_ranks.tolist() == [older.recency_ranks[0], newer.recency_ranks[0]]
    assert with_older(newer, newer, is_timed=True) is newer


def test_a_session_is_views_in_their_order(catalogue_with_new: Catalogue) -> None:
    profile = session_profile(catalogue_with_new, ["TECH1005", "new2", "unheard of", "FASH1001"])
    assert profile.history.item_indices.tolist() == [0, 24]
    assert profile.history.recency_ranks.tolist() == [0, 1]
    assert sorted(profile.seen.tolist()) == [0, 24, 41]
    assert set(profile.event_types.values()) == {"view"}
