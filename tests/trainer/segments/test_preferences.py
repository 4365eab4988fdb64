import numpy as np
import pytest

from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.preferences import (
    BLOCK_USERS,
    Support,
    category_preferences,
    item_preferences,
)
from tests.trainer.segments.behaviours import behaviour, many
from tests.trainer.sets import sets

LABELS = np.array([0, 0, 1, -1], dtype=np.int16)
SEEN = behaviour(*many(0, 0, 3), (0, 1), (1, 2), (2, 1), (2, 2), (3, 0))
CATEGORIES = sets([0], [0, 1], [])


def test_shares_are_of_interactions_and_reach_of_users() -> None:
    found = category_preferences(LABELS, 2, SEEN, CATEGORIES, 2)
    assert found.shares.tolist() == [[4 / 5, 1 / 5], [1 / 2, 1 / 2]]
    assert found.reach.tolist() == [[1 / 2, 1 / 2], [1, 1]]
    assert found.everybody.tolist() == [5 / 7, 2 / 7]


def test_items_are_reached_by_users_in_segments() -> None:
    found = item_preferences(LABELS, 2, SEEN, 3)
    assert found.reach.tolist() == [[1 / 2, 1 / 2, 1 / 2], [0, 1, 1]]


@pytest.mark.parametrize(
    ("support", "things"),
    [
        (Support(share=0.2, reach=0.5), {0, 1}),
        (Support(share=0.21, reach=0.5), {0}),
        (Support(share=0.2, reach=0.51), set()),
    ],
)
def test_a_thing_needs_the_share_and_the_reach(support: Support, things: set[int]) -> None:
    found = category_preferences(LABELS, 2, SEEN, CATEGORIES, 2)
    assert set(found.distinctive(0, 2, least_lift=0, support=support)) == things


def test_every_user_of_several_blocks_is_counted_once() -> None:
    rng = np.random.default_rng(2)
    n_users, n_items, n_categories = 2 * BLOCK_USERS + 5, 40, 6
    users, items = rng.integers(n_users, size=60_000), rng.integers(n_items, size=60_000)
    member = rng.random((n_items, n_categories)) < 0.3
    labels = np.where(rng.random(n_users) < 0.9, 0, -1).astype(np.int16)
    categories = sets(*[np.flatnonzero(row).tolist() for row in member])
    seen = Behaviour(users, items, np.full(len(users), np.nan))
    found = category_preferences(labels, 1, seen, categories, n_categories)
    came = np.zeros((n_users, n_categories), dtype=np.bool_)
    np.logical_or.at(came, users, member[items])
    assert found.reach[0] == pytest.approx(came[labels == 0].mean(axis=0))
