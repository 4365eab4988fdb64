"""Lifts: two groups of people, each of which wants items of its own."""

import numpy as np
import pytest

from services.trainer.data.item_sets import ItemSets
from services.trainer.models.lifts import FEWEST, Evidence, People, fit_lifts
from shared.arrays.types import Float32

ITEMS = 40
ENOUGH = 2 * FEWEST


def groups(users: int) -> tuple[ItemSets, Float32]:
    """Whoever is in the first group wants even items four times as often, others odd ones; one
    column says 1 of the first and -1 of the second."""
    rng = np.random.default_rng(1)
    group = np.resize([1, -1], users).astype(np.float32)
    own = (group[:, None] > 0) == (np.arange(ITEMS) % 2 == 0)
    owners, items = np.nonzero(rng.random((users, ITEMS)) < np.where(own, 0.4, 0.1))
    return ItemSets.from_pairs(owners, items, users), group[:, None]


def test_a_lift_is_what_is_wanted_beyond_the_share_of_all() -> None:
    """Of one column: Σ attribute · (wanted - rows · share), over what is known and the prior."""
    positives = ItemSets.from_pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    attributes = np.array([[1], [-0.5], [9]], dtype=np.float32)
    known = 2 * 1**2 + 1 * 0.5**2
    first = 1 * (1 - 2 / 3) - 0.5 * (0 - 1 / 3)
    second = 1 * (1 - 2 * 2 / 3) - 0.5 * (1 - 2 / 3)
    expected = [first / (known / 3 + 2), second / (known * 2 / 3 + 2), 0]
    found = Evidence.of(People(positives, attributes), 3).lifts(strength=2.0)
    np.testing.assert_allclose(found, [expected], rtol=1e-6)


def test_columns_that_say_the_same_share_what_one_would_say() -> None:
    positives, attributes = groups(ENOUGH)
    single, doubled = (
        Evidence.of(People(positives, columns), ITEMS).lifts(strength=1.0)
        for columns in (attributes, attributes.repeat(2, axis=1))
    )
    np.testing.assert_allclose(doubled[0], doubled[1], atol=1e-6)
    np.testing.assert_allclose(doubled.sum(axis=0), single[0], rtol=0.01)


def test_groups_with_tastes_of_their_own_are_told_apart() -> None:
    positives, attributes = groups(ENOUGH)
    found = fit_lifts(positives, attributes, ITEMS, np.random.default_rng(0))
    assert found.shape == (1, ITEMS)
    assert found.dtype == np.float32
    assert found[0, 0::2].min() > 0.1
    assert found[0, 1::2].max() < -0.1


def test_attributes_that_say_nothing_lift_nothing() -> None:
    positives, attributes = groups(ENOUGH)
    shuffled = np.random.default_rng(2).permutation(attributes)
    assert not fit_lifts(positives, shuffled, ITEMS, np.random.default_rng(0)).any()


def test_too_few_people_to_be_sure_lift_nothing() -> None:
    positives, attributes = groups(FEWEST - 1)
    assert not fit_lifts(positives, attributes, ITEMS, np.random.default_rng(0)).any()


@pytest.mark.parametrize("users", [0, 3, ENOUGH])
def test_without_attributes_there_are_no_lifts(users: int) -> None:
    positives, attributes = groups(users)
    found = fit_lifts(positives, attributes[:, :0], ITEMS, np.random.default_rng(0))
    assert found.shape == (0, ITEMS)


def test_who_did_nothing_changes_nothing() -> None:
    positives, attributes = groups(ENOUGH)
    offsets = np.append(positives.offsets, positives.offsets[-1:].repeat(50))
    more = np.append(attributes, np.full((50, 1), 7, dtype=np.float32), axis=0)
    expected = fit_lifts(positives, attributes, ITEMS, np.random.default_rng(0))
    found = fit_lifts(
        ItemSets(offsets, positives.item_indices), more, ITEMS, np.random.default_rng(0)
    )
    np.testing.assert_array_equal(found, expected)
