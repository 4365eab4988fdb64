"""Who there is: groups, activity, personal tastes; items with quality and popularity.

All that is planted is drawn here, from the constants below. They are chosen together, so that a
model has much to learn and can learn it from 50 ratings a user: see tests/generator.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.generator.generating.catalogue import CATEGORIES, Category, item_ids, titles, user_ids
from services.generator.generating.size import LEAST_OWN, Size
from shared.arrays.types import Float32, Float64
from shared.artifacts.id_map import IdMap
from shared.artifacts.truth import Response, Truth

RESPONSE = Response(minimum=1, maximum=5, step=0.5, noise=0.5)

# Who interacts with what. Rows: groups, columns: categories, both in the order of CATEGORIES;
# the numbers are thousands of interactions at the default size.
MIXING = np.array(
    [
        [15.0, 1.0, 2.5],
        [2.5, 8.0, 2.5],
        [2.5, 1.0, 15.0],
    ]
)
ACTIVITY_SPREAD = 0.5  # of the log: the busiest twentieth does five times what the laziest does
AFFINITY_STEERS = 0.25  # how a personal affinity of one sd moves the log of interactions

# Ratings, in stars.
USER_SPREAD = 0.25  # how generous someone is
QUALITY_SPREAD = 0.30  # how good an item is
OWN_CATEGORY = 0.30  # what a group likes its own category more
AFFINITY_SPREAD = 0.30  # how much a person likes a category
TASTE_SPREAD = 0.65  # sd of user factors · item factors
TASTE_RANK = 4

# Choices within a category.
POPULARITY_SPREAD = 1.0  # of the log
POPULARITY_OF_QUALITY = 0.3  # correlation of log popularity and quality
CHOICE_STRENGTH = 0.8  # how a star of taste moves the log of the odds to be chosen


@dataclass(frozen=True)
class Population:
    """Everyone and everything, before anything happened.

    `groups` uint8[users]: each user's group, the index of its own category; `counts`
    int64[users, categories]: how many items of each category the user will interact with;
    `titles` in the order of the truth's items. The truth knows no group levels yet.
    """

    groups: NDArray[np.uint8]
    counts: NDArray[np.int64]
    titles: list[str]
    truth: Truth

    def category(self, item_index: int) -> str:
        """The name of an item's category."""
        return CATEGORIES[self.truth.item_categories[item_index]].name

    def group(self, user_index: int) -> str:
        """The name of a user's group."""
        return CATEGORIES[self.groups[user_index]].name


def draw_population(size: Size, rng: np.random.Generator) -> Population:
    """Draw everyone and everything."""
    per_category = size.per_category
    groups = rng.permutation(_labels(per_category.users))
    affinity = rng.standard_normal((size.users, len(CATEGORIES)))
    expected = _expected_counts(size, groups, affinity, rng)
    truth = Truth(
        users=IdMap.of(user_ids(size.users, rng)),
        items=IdMap.of(_per_category(item_ids, per_category.items, rng)),
        item_categories=_labels(per_category.items),
        affinities=_affinities(groups, affinity),
        category_shares=_floats(expected / expected.sum(axis=1, keepdims=True)),
        user_bias=_floats(USER_SPREAD * rng.standard_normal(size.users)),
        choice_strength=CHOICE_STRENGTH,
        response=RESPONSE,
        content_hash="",
        **_factors(size, rng),
        **_quality_and_popularity(size.items, rng),
    )
    return Population(
        groups=groups,
        counts=np.stack([round_to_counts(column, rng) for column in expected.T], axis=1),
        titles=_per_category(titles, per_category.items, rng),
        truth=truth,
    )


def _labels(how_many: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The index of each category, as often as it says; uint8[how_many.sum()]."""
    return np.repeat(np.arange(len(CATEGORIES), dtype=np.uint8), how_many)


def _per_category(
    draw: Callable[[Category, int, np.random.Generator], list[str]],
    how_many: NDArray[np.int64],
    rng: np.random.Generator,
) -> list[str]:
    drawn = zip(CATEGORIES, how_many.tolist(), strict=True)
    return [text for category, number in drawn for text in draw(category, number, rng)]


def _expected_counts(
    size: Size, groups: NDArray[np.uint8], affinity: Float64, rng: np.random.Generator
) -> Float64:
    """How many interactions each user is expected to have, float64[users, categories]."""
    activity = np.exp(ACTIVITY_SPREAD * rng.standard_normal(size.users))
    appetite = activity[:, None] * np.exp(AFFINITY_STEERS * affinity)
    _, items, interactions = size.per_category
    columns = []
    for category in range(len(CATEGORIES)):
        in_group = np.bincount(groups, weights=appetite[:, category])
        columns.append(
            apportion(
                (MIXING[:, category] / in_group)[groups] * appetite[:, category],
                total=interactions[category],
                lower=np.where(groups == category, LEAST_OWN, 0),
                upper=items[category],
            )
        )
    return np.stack(columns, axis=1)


def apportion(weights: Float64, *, total: int, lower: NDArray[np.int64], upper: int) -> Float64:
    """`total` in proportion to positive `weights`, but each within its bounds; float64[n].

    Finds by bisection the scale s with Σ clip(s · weights, lower, upper) = total; ValueError where
    the bounds leave none.
    """
    if not lower.sum() <= total <= upper * len(weights):
        raise ValueError(f"no {len(weights)} parts within the bounds add up to {total}")
    low, high = 0.0, float(upper / weights.min())
    for _ in range(100):  # a double has 53 bits, and the first halvings find its size
        scale = (low + high) / 2
        if np.clip(scale * weights, lower, upper).sum() < total:
            low = scale
        else:
            high = scale
    return np.clip(high * weights, lower, upper)


def round_to_counts(expected: Float64, rng: np.random.Generator) -> NDArray[np.int64]:
    """Each expectation rounded up or down, so that its mean and the total stay; int64[n].

    Systematic sampling of the fractions (Madow 1949): no user's share is rounded away, so that
    the shares are the probabilities with which the counts came to be.
    """
    whole = np.floor(expected)
    # The total of the fractions is a whole number but for rounding errors, which an offset this
    # far from 0 and 1 forgives.
    offset = rng.uniform(1e-3, 1 - 1e-3)
    reached = np.floor(np.cumsum(expected - whole) + offset)
    return (whole + np.diff(reached, prepend=0)).astype(np.int64)


def _affinities(groups: NDArray[np.uint8], affinity: Float64) -> Float32:
    own = groups[:, None] == np.arange(len(CATEGORIES))
    return _floats(AFFINITY_SPREAD * affinity + OWN_CATEGORY * own)


def _factors(size: Size, rng: np.random.Generator) -> dict[str, Float32]:
    """Tastes for styles that all categories share: their sum has the sd TASTE_SPREAD."""
    scale = TASTE_SPREAD / np.sqrt(TASTE_RANK)
    return {
        "user_factors": _floats(rng.standard_normal((size.users, TASTE_RANK))),
        "item_factors": _floats(scale * rng.standard_normal((size.items, TASTE_RANK))),
    }


def _quality_and_popularity(items: int, rng: np.random.Generator) -> dict[str, Float32]:
    quality, luck = rng.standard_normal((2, items))
    popularity = POPULARITY_OF_QUALITY * quality + np.sqrt(1 - POPULARITY_OF_QUALITY**2) * luck
    return {
        "item_bias": _floats(QUALITY_SPREAD * quality),
        "log_popularity": _floats(POPULARITY_SPREAD * popularity),
    }


def _floats(values: Float64) -> Float32:
    return values.astype(np.float32)
