"""How many groups there are: the largest number that improves on fewer by two measures.

Groups have to come out again in the other half of the points (prediction_strength.py) and to be
tighter than those of one cloud (gap.py). Where neither finds more, there is one group:
docs/decisions/0006-segments.md has the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.trainer.segments.gap import gap
from services.trainer.segments.k_means import group_means
from services.trainer.segments.prediction_strength import HOPELESS, mean_strength
from shared.arrays.types import Float64, Indices

LEAST_STRENGTH = 0.8  # the authors' own bound; with three groups random data stays below .6
LEAST_GAP = 0.04  # real data gains .06 (ML-1M, three groups) to 1.4; finer splits of it .02 or less
LEAST_GAP_OF_TWO = 0.1
"""Halves of any long cloud are found again: random data as active as ML-1M's users reaches a
strength of .97 and a gap of .06 with two groups. ML-100K reaches .12."""
LEAST_MEMBERS = 10  # for each group that is tried; halves of fewer are anything
ACTIVITY_LEVELS = 10  # less their means random data falls to .53 with two groups, ML to .79


@dataclass(frozen=True)
class GroupCountScore:
    """What the criterion says of a number of groups."""

    n_groups: int
    strength: float
    gap: float | None
    """None where the strength is too small already."""

    def improves_on(self, fewer: "GroupCountScore") -> bool:
        """Whether the groups are there, and more than halves of the `fewer` groups."""
        if self.strength < LEAST_STRENGTH or self.gap is None or fewer.gap is None:
            return False
        return self.gap >= fewer.gap + (LEAST_GAP_OF_TWO if self.n_groups == 2 else LEAST_GAP)


def score_group_counts(
    points: Float64, max_groups: int, rng: np.random.Generator, activity: Indices | None
) -> list[GroupCountScore]:
    """The scores of 1 to `max_groups` groups of `points` [n, k]; of fewer where the points are few.

    With `activity` [n], groups that are found again only for how active their members are do not
    count.
    """
    even = points if activity is None else _without_activity(points, activity)
    most = max(1, min(max_groups, len(points) // LEAST_MEMBERS)) if _vary(points) else 1
    scores = (_score(points, even, n_groups, rng) for n_groups in range(2, most + 1))
    return [GroupCountScore(1, 1.0, 0.0), *scores]


def choose(scores: Sequence[GroupCountScore]) -> GroupCountScore:
    """The last score, in the order of groups, that improves on the one chosen before it."""
    chosen = scores[0]
    for score in scores[1:]:
        if score.improves_on(chosen):
            chosen = score
    return chosen


def _score(
    points: Float64, even: Float64, n_groups: int, rng: np.random.Generator
) -> GroupCountScore:
    strength = mean_strength(points, n_groups, rng)
    if strength >= LEAST_STRENGTH and even is not points:
        evened = mean_strength(even, n_groups, rng)
        strength = strength if evened >= HOPELESS else evened
    if strength < LEAST_STRENGTH:
        return GroupCountScore(n_groups, strength, None)
    return GroupCountScore(n_groups, strength, gap(points, n_groups, rng))


def _without_activity(points: Float64, activity: Indices) -> Float64:
    """The points less the mean of those that are about as active: a tenth of all."""
    ranks = np.argsort(np.argsort(activity, kind="stable"))
    tenths = ranks * ACTIVITY_LEVELS // max(len(points), 1)
    means = group_means(points, tenths, np.zeros((ACTIVITY_LEVELS, points.shape[1])))
    return points - means[tenths]


def _vary(points: Float64) -> bool:
    """Whether the points differ by more than rounding."""
    return len(points) > 1 and bool(np.ptp(points, axis=0).max(initial=0) > 1e-6)
