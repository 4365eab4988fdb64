from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.generator.generating.size import Size
from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.segments import find_segments
from services.trainer.segments.user_embedding import Scores
from shared.arrays.types import Float32
from shared.artifacts.segments import Segments
from tests.generator.world import World, make_world
from tests.trainer.segments.behaviours import behaviour, item_descriptions, pair


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def rows_of(scores: Float32) -> Scores:
    return lambda users: scores[users]


def ease(behaviour: Behaviour, users: int, items: int) -> Float32:
    """Scores of the linear item-item model of Steck 2019, float32[users, items]."""
    seen = np.zeros((users, items))
    seen[behaviour.user_indices, behaviour.item_indices] = 1
    inverse = np.linalg.inv(seen.T @ seen + 300 * np.eye(items))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    scores: Float32 = (seen @ weights).astype(np.float32)
    return scores


def adjusted_rand(labels: NDArray[np.int16], groups: Sequence[str]) -> float:
    """Agreement of two partitions, 1 where they are the same (Hubert & Arabie 1985)."""
    names = np.unique(np.array(groups), return_inverse=True)[1]
    table = np.zeros((labels.max() + 1, names.max() + 1))
    np.add.at(table, (labels, names), 1)
    together, *apart = (
        float((part * (part - 1) / 2).sum()) for part in (table, table.sum(0), table.sum(1))
    )
    chance = apart[0] * apart[1] / (len(labels) * (len(labels) - 1) / 2)
    return (together - chance) / (sum(apart) / 2 - chance)


def segments_of(world: World, categories: Sequence[str]) -> Segments:
    made = world.interactions
    seen = Behaviour(made.user_indices, made.item_indices, made.ratings)
    users, items = len(world.truth.users), len(world.truth.items)
    scores = ease(seen, users, items)
    return find_segments(rows_of(scores), users, seen, item_descriptions(categories), rng())


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(Size(users=300, items=150, interactions=9000), seed=2)


def test_the_groups_of_generated_data_are_found(world: World) -> None:
    population = world.population
    segments = segments_of(world, [population.category(item) for item in range(150)])
    assert len(segments.segments) == 3
    groups = [population.group(user) for user in range(300)]
    assert adjusted_rand(segments.labels, groups) > 0.95
    names = [segment.name.split(",")[0] for segment in segments.segments]
    assert sorted(names) == ["fashion", "sport", "tech"]
    assert names[0] == "sport"  # the largest group
    assert min(segment.stability for segment in segments.segments) > 0.95
    assert segments.segments[0].size == pytest.approx(120, abs=3)


def test_segments_need_no_categories(world: World) -> None:
    segments = segments_of(world, [""] * 150)
    assert len(segments.segments) == 3
    assert all(segment.name.startswith("Title ") for segment in segments.segments)
    assert not any(segment.favourite_categories for segment in segments.segments)


def test_random_behaviour_has_no_groups() -> None:
    draw = rng()
    users = np.repeat(np.arange(400), draw.integers(5, 40, 400))
    popular = np.arange(1, 101) ** -0.7
    items = draw.choice(100, len(users), p=popular / popular.sum())
    seen = Behaviour(users, items, np.full(len(users), np.nan))
    scores = ease(seen, 400, 100)
    segments = find_segments(rows_of(scores), 400, seen, item_descriptions(["a", "b"] * 50), rng())
    (everyone,) = segments.segments
    assert everyone.name == "everyone"
    assert everyone.share == 1
    assert not everyone.distinctive_categories
    assert not everyone.distinctive_items
    assert segments.description.criterion.tried[0].groups == 1


def test_users_who_wanted_nothing_are_in_no_segment() -> None:
    seen = behaviour((0, 0), (2, 1))
    segments = find_segments(rows_of(np.eye(4, 2, dtype=np.float32)), 4, seen, pair(), rng())
    assert segments.labels.tolist() == [0, -1, 0, -1]
    assert segments.of(1) is None
    assert segments.segments[0].size == 2


@pytest.mark.parametrize("users", [0, 1, 2])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_tiny_data_is_one_segment(users: int, value: float) -> None:
    seen = behaviour(*((user, 0) for user in range(users)))
    scores = np.full((users, 2), value, dtype=np.float32)
    segments = find_segments(rows_of(scores), users, seen, pair(), rng())
    (everyone,) = segments.segments
    assert (everyone.size, everyone.mean_rating) == (users, None)
