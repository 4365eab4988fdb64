import numpy as np
import pytest

from services.generator.generating.blocks import Stream, random_stream
from services.generator.generating.population import apportion, draw_population, round_to_counts
from services.generator.generating.size import Size
from tests.generator.world import World


def test_apportioned_parts_keep_proportion_bounds_and_total() -> None:
    weights = np.array([1.0, 2.0, 4.0, 100.0])
    parts = apportion(weights, total=30, lower=np.array([3, 0, 0, 0]), upper=20)
    assert parts == pytest.approx([3, 7 / 3, 14 / 3, 20])


def test_parts_that_cannot_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up to 9"):
        apportion(np.ones(2), total=9, lower=np.array([0, 0]), upper=4)


def test_rounding_keeps_the_total_and_every_mean() -> None:
    rng = np.random.default_rng(0)
    expected = np.array([0.25, 3.0, 1.5, 0.75, 2.9, 0.6])
    rounded = np.array([round_to_counts(expected, rng) for _ in range(20_000)])
    assert set(rounded.sum(axis=1)) == {9}
    assert np.all(np.abs(rounded - expected) < 1)
    assert np.abs(rounded.mean(axis=0) - expected).max() < 5 * 0.5 / np.sqrt(len(rounded))


def test_groups_have_their_sizes_and_are_shuffled_over_ids(world: World) -> None:
    groups = world.population.groups
    assert np.bincount(groups).tolist() == [300, 400, 300]
    assert 100 < np.count_nonzero(groups[:500] == 1) < 300


def test_the_founding_ids_are_among_them(world: World) -> None:
    assert "U10001" in world.truth.users
    assert "TECH1005" in world.truth.items
    assert len(world.truth.users) == 1000
    assert len(world.truth.items) == len(world.population.titles) == 600


def test_an_item_s_category_is_that_of_its_id(world: World) -> None:
    names = {"FASH": "fashion", "SPRT": "sport", "TECH": "tech"}
    for index, item_id in enumerate(world.truth.items):
        assert world.population.category(index) == names[item_id[:4]]


def test_ids_of_unequal_length_stay_in_order() -> None:
    population = draw_population(Size(10, 12_000, 21_000), random_stream(0, Stream.POPULATION))
    ids = list(population.truth.items)
    assert {len(item_id) for item_id in ids} == {8, 9}
    assert ids == sorted(ids)
    assert population.category(ids.index("TECH1005")) == "tech"
