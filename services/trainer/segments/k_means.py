"""k-means: greedy k-means++ starts, Lloyd's sweeps, the best of several starts."""

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float64

Labels = NDArray[np.int64]
"""The group of each point, int64[points]."""

RESTARTS = 4
MAX_SWEEPS = 30  # bounds the time where there are no groups to converge to


def k_means(points: Float64, n_groups: int, rng: np.random.Generator) -> Float64:
    """The best centres of several starts, float64[groups, k]."""
    starts = (lloyd(points, _seeds(points, n_groups, rng)) for _ in range(RESTARTS))
    return min(starts, key=lambda centres: spread(points, centres))


def lloyd(points: Float64, centres: Float64) -> Float64:
    """Move centres to the means of their points until no point changes its group."""
    labels = assign(points, centres)
    for _sweep in range(MAX_SWEEPS):
        centres = group_means(points, labels, centres)
        before, labels = labels, assign(points, centres)
        if np.array_equal(before, labels):
            break
    return centres


def assign(points: Float64, centres: Float64) -> Labels:
    """The nearest centre of each point, int64[points]."""
    nearest: Labels = squared_distances(points, centres).argmin(axis=1)
    return nearest


def group_means(points: Float64, labels: Labels, centres: Float64) -> Float64:
    """The mean of each group; a group without points keeps its centre."""
    members = (labels == np.arange(len(centres))[:, None]).astype(np.float64)
    sizes = members.sum(axis=1, keepdims=True)
    means: Float64 = np.where(sizes > 0, members @ points / np.maximum(sizes, 1), centres)
    return means


def spread(points: Float64, centres: Float64) -> float:
    """The sum of the squared distances of the points from their nearest centres."""
    return float(squared_distances(points, centres).min(axis=1).sum())


def squared_distances(points: Float64, centres: Float64) -> Float64:
    """Of each point from each centre, float64[points, centres]."""
    lengths = np.square(points).sum(axis=1)[:, None] + np.square(centres).sum(axis=1)
    squares: Float64 = np.maximum(lengths - 2 * points @ centres.T, 0)
    return squares


def _seeds(points: Float64, n_groups: int, rng: np.random.Generator) -> Float64:
    """Greedy k-means++ (Arthur & Vassilvitskii 2007): far points likelier, the best of a few."""
    centres = points[rng.integers(len(points), size=1)]
    nearest = squared_distances(points, centres)[:, 0]
    candidates = 2 + int(np.log(n_groups))
    while len(centres) < n_groups:
        rows = _draw(nearest, candidates, rng)
        after = np.minimum(nearest[:, None], squared_distances(points, points[rows]))
        best = after.sum(axis=0).argmin()
        centres, nearest = np.vstack([centres, points[rows[best]]]), after[:, best]
    return centres


def _draw(weights: Float64, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    cumulated = np.cumsum(weights)
    rows = np.searchsorted(cumulated, rng.random(count) * cumulated[-1], side="right")
    return np.asarray(np.minimum(rows, len(weights) - 1), dtype=np.int64)
