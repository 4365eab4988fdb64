from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.generator.generating.size import Size
from services.trainer.segments.segmentation import (
    Behaviour,
    Catalogue,
    Scores,
    describe,
    embed,
    find_segments,
)
from shared.arrays.types import Float32
from shared.artifacts.id_map import IdMap
from shared.artifacts.segments import Segment, Segments
from shared.artifacts.text_column import TextColumn
from tests.generator.world import World, make_world


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


def behaviour(*pairs: tuple[int, int], ratings: Sequence[float] | None = None) -> Behaviour:
    users, items = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    values = np.full(len(pairs), np.nan) if ratings is None else np.array(ratings)
    return Behaviour(users, items, values)


def catalogue(categories: Sequence[str], titles: Sequence[str] | None = None) -> Catalogue:
    ids = IdMap.of(f"i{item:04}" for item in range(len(categories)))
    names = [f"Title {item}" for item in range(len(categories))] if titles is None else titles
    return Catalogue(ids, TextColumn.of(names), TextColumn.of(categories))


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


# Found by themselves


def segments_of(world: World, categories: Sequence[str]) -> Segments:
    made = world.interactions
    seen = Behaviour(made.user_indices, made.item_indices, made.ratings)
    users, items = len(world.truth.users), len(world.truth.items)
    scores = ease(seen, users, items)
    return find_segments(rows_of(scores), users, seen, catalogue(categories), rng())


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
    segments = find_segments(rows_of(scores), 400, seen, catalogue(["a", "b"] * 50), rng())
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


def pair() -> Catalogue:
    return catalogue(["a", "b"])


@pytest.mark.parametrize("users", [0, 1, 2])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_tiny_data_is_one_segment(users: int, value: float) -> None:
    seen = behaviour(*((user, 0) for user in range(users)))
    scores = np.full((users, 2), value, dtype=np.float32)
    segments = find_segments(rows_of(scores), users, seen, pair(), rng())
    (everyone,) = segments.segments
    assert (everyone.size, everyone.mean_rating) == (users, None)


# Where users stand


def test_neither_activity_nor_popularity_moves_a_user() -> None:
    tastes = rng().standard_normal((40, 12)).astype(np.float32)
    before = embed(rows_of(tastes), np.arange(40), rng())
    louder = tastes * np.linspace(1, 9, 40, dtype=np.float32)[:, None] + 3
    after = embed(rows_of(louder), np.arange(40), rng())
    assert before.shape == (40, 8)
    assert np.allclose(np.abs(before), np.abs(after), atol=1e-3)


def test_users_of_one_taste_stand_at_one_place() -> None:
    scores = np.repeat(np.eye(3, 6, dtype=np.float32), 30, axis=0)
    places = embed(rows_of(scores), np.arange(90), rng())
    assert np.allclose(places[:30], places[0], atol=1e-5)
    assert np.linalg.norm(places[0] - places[30]) > 1
    assert np.allclose(np.linalg.norm(places, axis=1), 1, atol=1e-4)


def test_users_in_blocks_stand_where_they_stand_at_once() -> None:
    scores = rng().standard_normal((1100, 20)).astype(np.float32)
    scores[600:, :5] += 3
    every, some = np.arange(1100), np.array([0, 700])
    places = embed(rows_of(scores), every, rng())
    far = np.linalg.norm(places[some[0]] - places[some[1]])
    assert places.shape == (1100, 8)
    assert far > 0.5


# What they are


def described(
    labels: Sequence[int], seen: Behaviour, known: Catalogue, groups: int = 2
) -> list[Segment]:
    array = np.array(labels, dtype=np.int16)
    return describe(array, np.ones(len(array), dtype=np.float32), np.ones(groups), seen, known)


def many(user: int, item: int, times: int) -> list[tuple[int, int]]:
    return [(user, item)] * times


def test_a_segment_says_how_large_active_and_generous_it_is() -> None:
    seen = behaviour((0, 0), (0, 1), (1, 0), (2, 1), ratings=[5, 4, np.nan, np.nan])
    first, second = described([0, 0, 1, -1], seen, pair())
    assert (first.segment_id, first.size, first.share) == ("S1", 2, 2 / 3)
    assert (first.mean_rating, first.activity) == (4.5, 1.5)
    assert (second.segment_id, second.mean_rating, second.activity) == ("S2", None, 1)


def test_what_everybody_likes_is_favourite_but_not_distinctive() -> None:
    seen = behaviour(
        *many(0, 0, 100), *many(0, 1, 60), *many(1, 0, 100), *many(1, 2, 60), *many(1, 3, 1)
    )
    first, second = described([0, 1], seen, catalogue(["all", "mine|ours", "yours", "rare"]))
    assert [one.category for one in first.favourite_categories] == ["all", "mine", "ours"]
    assert [one.category for one in first.distinctive_categories] == ["mine", "ours"]
    assert second.distinctive_categories[0].category == "yours"
    assert first.favourite_categories[0].share == 100 / 160
    assert first.distinctive_categories[0].lift == pytest.approx(70 / (160 * 60 / 321 + 10))
    assert first.distinctive_items[0].item_id == "i0001"
    assert (first.name, second.name) == ("mine and ours, rarely yours", "yours, rarely mine")


def test_names_grow_until_they_differ() -> None:
    seen = behaviour(*many(0, 0, 100), *many(1, 1, 100), *many(2, 2, 100), *many(2, 3, 100))
    known = catalogue(["film", "film", "book", "book"], ["Alien", "Brazil", "Ulysses", "Emma"])
    names = [one.name for one in described([0, 1, 2], seen, known, groups=3)]
    assert names == [
        "film (Alien), rarely book",
        "film (Brazil), rarely book",
        "book (Ulysses and Emma), rarely film",
    ]


def test_without_categories_titles_name_a_segment_and_without_titles_ids() -> None:
    seen = behaviour(*many(0, 0, 90), *many(0, 1, 80), *many(1, 2, 90))
    known = catalogue(["", "", ""], ["Star Wars (1977)", "Alien (1979)", ""])
    names = [one.name for one in described([0, 1], seen, known)]
    assert names == ["Star Wars (1977) and Alien (1979)", "i0002"]


def test_segments_that_like_the_same_still_have_different_names() -> None:
    seen = behaviour((0, 0), (1, 0))
    assert [one.name for one in described([0, 1], seen, pair())] == [
        "mixed taste (S1)",
        "mixed taste (S2)",
    ]
