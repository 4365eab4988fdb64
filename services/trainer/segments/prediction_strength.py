"""Prediction strength (Tibshirani & Walther 2005): whether groups that are found in one half of the
points come out again in the other half."""

from collections.abc import Iterator

import numpy as np

from services.trainer.segments.k_means import Labels, assign, k_means
from shared.arrays.types import Float64

SPLITS = 8  # into halves, each of which predicts the other
HOPELESS, HOPELESS_AFTER = 0.65, 4  # the mean of 16 will not come to .8


def mean_strength(points: Float64, n_groups: int, rng: np.random.Generator) -> float:
    """The mean prediction strength over halves; over HOPELESS_AFTER where these are HOPELESS."""
    strengths: list[float] = []
    for _half, tested, own_centres, other_centres in _halves(points, n_groups, rng):
        labels, predicted = assign(tested, own_centres), assign(tested, other_centres)
        strengths.append(prediction_strength(labels, predicted, n_groups))
        if len(strengths) == HOPELESS_AFTER and np.mean(strengths) < HOPELESS:
            break
    return float(np.mean(strengths))


def prediction_strength(own: Labels, predicted: Labels, n_groups: int) -> float:
    """The share of the pairs within an own group that are predicted to be together, in the worst
    group; 0 where a group has no pair."""
    return float(_together(own, predicted, n_groups).min())


def stability(points: Float64, centres: Float64, rng: np.random.Generator) -> Float64:
    """How often two members of each group fall together again when half of the points are
    clustered, float64[groups]."""
    labels, n_groups = assign(points, centres), len(centres)
    shares = [
        _together(labels[half], assign(tested, other_centres), n_groups)
        for half, tested, _own_centres, other_centres in _halves(points, n_groups, rng)
    ]
    return np.asarray(np.mean(shares, axis=0), dtype=np.float64)


def _halves(
    points: Float64, n_groups: int, rng: np.random.Generator
) -> Iterator[tuple[Labels, Float64, Float64, Float64]]:
    """Halves of the points: their rows, they themselves, their centres and the other half's."""
    for _ in range(SPLITS):
        halves = np.array_split(rng.permutation(len(points)), 2)
        centres = [k_means(points[half], n_groups, rng) for half in halves]
        yield halves[0], points[halves[0]], centres[0], centres[1]
        yield halves[1], points[halves[1]], centres[1], centres[0]


def _together(own: Labels, predicted: Labels, n_groups: int) -> Float64:
    """For each own group the share of its pairs that `predicted` keeps together, float64."""
    table = np.zeros((n_groups, n_groups))
    np.add.at(table, (own, predicted), 1)
    pairs = _pairs(table.sum(axis=1))
    together: Float64 = _pairs(table).sum(axis=1) / np.where(pairs > 0, pairs, 1)
    return together


def _pairs(members: Float64) -> Float64:
    pairs: Float64 = members * (members - 1) / 2
    return pairs
