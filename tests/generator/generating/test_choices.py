import itertools

import numpy as np
import pytest

from services.generator.generating.blocks import Stream, random_stream
from services.generator.generating.choices import choose, successive_choices
from services.generator.generating.population import Population, draw_population
from services.generator.generating.size import Size
from tests.generator.world import World, make_world


def test_successive_choices_have_plackett_and_luce_s_probabilities() -> None:
    weights = [1.0, 2.0, 3.0, 6.0]
    n = 100_000
    of_everyone = np.tile(np.array(weights, dtype=np.float32), (n, 1))
    chosen = successive_choices(of_everyone, 2, np.random.default_rng(0))
    for first, second in itertools.permutations(range(4), 2):
        exact = weights[first] / 12 * weights[second] / (12 - weights[first])
        seen = np.mean((chosen[:, 0] == first) & (chosen[:, 1] == second))
        assert seen == pytest.approx(exact, abs=5 * np.sqrt(exact / n))


@pytest.mark.parametrize("how_many", [0, 5])
def test_none_and_all_can_be_chosen(how_many: int) -> None:
    weights = np.ones((3, 5), dtype=np.float32)
    chosen = successive_choices(weights, how_many, np.random.default_rng(0))
    assert np.sort(chosen, axis=1).tolist() == [list(range(how_many))] * 3


@pytest.fixture(scope="module")
def population() -> Population:
    """Few users with so many interactions that no item is left to be given to someone."""
    return draw_population(Size(40, 60, 800), random_stream(3, Stream.POPULATION))


def test_first_choices_follow_the_propensity(population: Population) -> None:
    seeds, category = 1_000, 2
    users = np.flatnonzero(population.counts[:, category])
    first = np.zeros((len(population.truth.users), len(population.truth.items)))
    for seed in range(seeds):
        choices = choose(population, seed, lambda _: None)
        first[users, choices.items[choices.starts[users, category]]] += 1
    inside = population.truth.item_categories == category
    expected = population.truth.propensity(users)[:, inside]
    expected *= seeds / expected.sum(axis=1, keepdims=True)
    deviation = (first[users][:, inside] - expected) / np.sqrt(expected)
    assert np.mean(deviation**2) == pytest.approx(1, abs=0.1)  # chi-square per degree of freedom


def test_nobody_chooses_twice_and_everyone_as_much_as_drawn(world: World) -> None:
    rows = world.interactions
    pairs = set(zip(rows.user_indices.tolist(), rows.item_indices.tolist(), strict=True))
    assert len(pairs) == len(rows) == 50_000
    assert np.array_equal(np.bincount(rows.user_indices), world.population.counts.sum(axis=1))


@pytest.mark.parametrize(
    "size", [Size(10, 36, 100), Size(10, 900, 1_500), Size(400, 36, 4_000), Size(700, 4000, 9_000)]
)
def test_even_the_sparsest_data_leave_no_item_and_no_user_out(size: Size) -> None:
    world = make_world(size)
    rows = world.interactions
    assert len(rows) == size.interactions
    assert np.bincount(rows.item_indices, minlength=size.items).min() >= 1
    assert np.bincount(rows.user_indices, minlength=size.users).min() >= 5
    per_category = np.bincount(world.truth.item_categories[rows.item_indices])
    assert per_category.tolist() == size.per_category.interactions.tolist()


def test_popularity_is_skewed(world: World) -> None:
    counts = np.sort(np.bincount(world.interactions.item_indices))[::-1]
    assert counts[:60].sum() > 0.25 * counts.sum()  # a tenth of the items
    assert counts[300:].sum() < 0.25 * counts.sum()  # the less popular half


def test_tastes_steer_choices(world: World) -> None:
    truth, rows = world.truth, world.interactions
    taste = truth.user_factors @ truth.item_factors.T
    assert taste[rows.user_indices, rows.item_indices].mean() > taste.mean() + 0.15
