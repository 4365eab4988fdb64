import numpy as np
import pytest
from numpy.typing import NDArray

from services.generator.generating.behaviour import interleave
from services.generator.generating.size import Size
from shared.arrays.types import Float64
from tests.generator.world import World, make_world


def test_interleaving_keeps_users_apart_and_each_category_in_order() -> None:
    counts = np.array([[3, 0, 40], [0, 0, 0], [20, 20, 1]])
    order = interleave(counts, np.random.default_rng(0))
    assert sorted(order) == list(range(84))
    assert set(order[:43]) == set(range(43))
    third, fourth = order[(order >= 43) & (order < 63)], order[(order >= 63) & (order < 83)]
    assert list(third) == sorted(third)
    assert list(fourth) == sorted(fourth)
    assert list(order[43:63]) != list(range(43, 63))  # the categories mix


def test_each_category_has_its_interactions(world: World) -> None:
    names, counts = np.unique(world.rows_categories, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
        "fashion": 20_000,
        "sport": 10_000,
        "tech": 20_000,
    }


def test_groups_mix_but_prefer_their_own_category(world: World) -> None:
    counts = world.population.counts
    assert np.mean(np.count_nonzero(counts, axis=1) == 3) > 0.9
    assert np.mean(counts.argmax(axis=1) == world.population.groups) > 0.99
    for group in ("tech", "fashion", "sport"):
        own = world.rows_categories[world.rows_groups == group] == group
        assert 0.5 < own.mean() < 0.9


def test_minimums_hold(world: World) -> None:
    assert np.bincount(world.interactions.user_indices).min() >= 5
    assert np.bincount(world.interactions.item_indices, minlength=600).min() >= 1


def test_there_is_personal_taste_to_learn(world: World) -> None:
    """Variance of the expected stored rating that no user and item biases explain."""
    users, items = np.indices((1000, 600)).reshape(2, -1)
    expected = world.truth.expected_rating(users, items).reshape(1000, 600)
    centred = expected - expected.mean(axis=1, keepdims=True) - expected.mean(axis=0)
    assert np.var(centred) > 0.25
    rows = world.interactions
    chosen = world.truth.expected_rating(rows.user_indices, rows.item_indices)
    assert np.var(_without_biases(chosen, rows.user_indices, rows.item_indices)) > 0.2


def _without_biases(
    ratings: Float64, users: NDArray[np.int64], items: NDArray[np.int32]
) -> Float64:
    """What the best user and item biases leave, by alternating least squares."""
    left = ratings.copy()
    for _ in range(50):
        for indices in (users, items):
            left -= (np.bincount(indices, left) / np.bincount(indices))[indices]
    return left


def test_noise_is_as_known_and_low(world: World) -> None:
    rows = world.interactions
    known = world.truth.noise_variance(rows.user_indices, rows.item_indices).mean()
    expected = world.truth.expected_rating(rows.user_indices, rows.item_indices)
    assert known < 0.3
    assert np.mean((rows.ratings - expected) ** 2) == pytest.approx(known, rel=0.03)


def test_same_seed_same_data_and_another_seed_other_data() -> None:
    size = Size(60, 45, 800)
    first, again, other = make_world(size, 7), make_world(size, 7), make_world(size, 8)
    assert np.array_equal(first.interactions.ratings, again.interactions.ratings)
    assert np.array_equal(first.interactions.occurred_at, again.interactions.occurred_at)
    assert np.array_equal(first.interactions.item_indices, again.interactions.item_indices)
    assert list(first.truth.users) == list(again.truth.users)
    assert not np.array_equal(first.interactions.item_indices, other.interactions.item_indices)
