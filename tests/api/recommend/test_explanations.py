"""Reasons: exact where the model is linear, by leaving out where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from services.api.live.catalogue import Catalogue
from services.api.live.trend import Trend
from services.api.live.users import Event, LiveUser
from services.api.recommend.explanations import MAX_LEFT_OUT, contributions, reasons
from services.api.recommend.profile import Profile, profile_of
from services.api.recommend.ranking.list_request import ListRequest, Snapshot
from services.api.recommend.rules import Rules
from services.api.recommend.scorer_choice import UserScorer, scores_of
from services.api.schemas.recommendations import ListOptions
from shared.database.event_types import EVENT_TYPES
from shared.scorers import Linear, Scorer
from shared.scorers.histories import History

TECH10, FASH10 = 29, 9  # indices of items that nobody has seen


def profile(catalogue: Catalogue, *events: tuple[str, str, float | None]) -> Profile:
    user = LiveUser([Event(*event, moment) for moment, event in enumerate(events)])
    return profile_of(catalogue, "newcomer", user, EVENT_TYPES)


def by_rating(catalogue: Catalogue, profile: Profile) -> ListRequest:
    snapshot = Snapshot(catalogue, Trend({}), Rules(), 0)
    return ListRequest(snapshot, "newcomer", profile, ListOptions(rank_by="rating"), "0" * 16)


def personal(catalogue: Catalogue, profile: Profile) -> UserScorer:
    user_scorer = by_rating(catalogue, profile).user_scorer
    assert user_scorer.is_personal
    return user_scorer


def squared(history: History) -> UserScorer:
    scorer: Scorer = Squared()  # type: ignore[assignment]
    return UserScorer(scorer, "squared", history, scorer.fold_in(history))


class Squared:
    """A model that is not linear: the score of every item is the square of how many rows there
    are."""

    roles = frozenset({"ranker"})

    def fold_in(self, history: History) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.array([len(history)], dtype=np.float32)

    def score(self, vectors: np.ndarray, items: np.ndarray) -> np.ndarray:
        return np.repeat(vectors**2, len(items), axis=1)


def test_exact_shares_add_up_to_the_score(small_catalogue: Catalogue) -> None:
    rated = profile(small_catalogue, ("TECH1003", "rating", 5.0), ("FASH1003", "rating", 1.0))
    user_scorer = personal(small_catalogue, rated)
    assert isinstance(user_scorer.scorer, Linear)
    shares = contributions(user_scorer, np.array([TECH10, FASH10]))
    stranger = replace(user_scorer, vector=user_scorer.scorer.fold_in(History.empty()))
    nothing_new = Trend({})
    moved, unmoved = scores_of(small_catalogue, nothing_new, [user_scorer, stranger])
    assert not shares.approximate
    np.testing.assert_allclose(
        shares.contributions.sum(axis=0), (moved - unmoved)[[TECH10, FASH10]], atol=1e-4
    )


def test_other_models_are_asked_without_each_row(small_catalogue: Catalogue) -> None:
    rated = profile(small_catalogue, *((f"TECH10{n:02}", "rating", 4.0) for n in range(1, 5)))
    shares = contributions(squared(rated.history), np.array([TECH10]))
    assert shares.approximate
    assert shares.contributions.tolist() == [[16 - 9]] * 4


def test_of_very_long_histories_the_newest_rows_are_left_out(small_catalogue: Catalogue) -> None:
    short = profile(small_catalogue, ("TECH1001", "view", None)).history
    rows = MAX_LEFT_OUT + 20
    long = History(
        np.zeros(rows, dtype=np.int32),
        np.ones(rows, dtype=np.bool_),
        np.ones(rows, dtype=np.float32),
        np.ones(rows, dtype=np.float32),
        np.arange(rows, dtype=np.int32)[::-1],
        short.attributes,
    )
    shares = contributions(squared(long), np.array([0]))
    assert sorted(shares.rows.tolist()) == list(range(20, rows))


def test_what_moved_most_comes_first_and_is_said(small_catalogue: Catalogue) -> None:
    rated = profile(
        small_catalogue,
        ("TECH1003", "rating", 5.0),
        ("TECH1019", "rating", 5.0),
        ("TECH1004", "rating", 1.0),
    )
    reason = reasons(by_rating(small_catalogue, rated), np.array([TECH10]), ["personal"])[0]
    assert [because.item_id for because in reason.because] == ["TECH1019", "TECH1004", "TECH1003"]
    most, against, least = [because.share for because in reason.because]
    assert against < 0 < least < most
    assert sum(abs(because.share) for because in reason.because) == pytest.approx(1, abs=1e-3)
    assert reason.sentence == "Because you rated Title of TECH1019 and Title of TECH1003."
    assert {because.event_type for because in reason.because} == {"rating"}


def test_different_deeds_are_told_apart(small_catalogue: Catalogue) -> None:
    did = profile(small_catalogue, ("TECH1019", "rating", 5.0), ("TECH1018", "rating", 5.0))
    known = replace(did, event_types={38: "purchase", 37: "like"})
    reason = reasons(by_rating(small_catalogue, known), np.array([TECH10]), ["personal"])[0]
    assert reason.sentence == "Because you bought Title of TECH1019 and liked Title of TECH1018."
    unknown = replace(did, event_types={})
    reason = reasons(by_rating(small_catalogue, unknown), np.array([TECH10]), ["personal"])[0]
    assert reason.sentence == "Because you chose Title of TECH1019 and Title of TECH1018."
    assert reason.because[0].event_type is None


def test_new_items_are_explained_by_their_kind(catalogue_with_new: Catalogue) -> None:
    did = profile(catalogue_with_new, ("TECH1019", "rating", 5.0))
    reason = reasons(
        by_rating(catalogue_with_new, did), np.array([40, TECH10]), ["new", "personal"]
    )
    assert reason[0].sentence == "New, and here because you rated Title of TECH1019."
    assert reason[1].sentence == "Because you rated Title of TECH1019."


def test_lists_for_strangers_say_so(small_catalogue: Catalogue) -> None:
    nobody = profile(small_catalogue)
    list_request = replace(by_rating(small_catalogue, nobody), options=ListOptions())
    found = reasons(list_request, np.array([1, 2, 3]), ["popular", "pinned", "new"])
    assert [reason.sentence for reason in found] == [
        "Popular right now.",
        "Picked for everyone.",
        "New here.",
    ]
    assert all(reason.because == [] for reason in found)
