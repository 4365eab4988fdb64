"""Groups of points: as many as there are, one where there is no structure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.trainer.segments.group_count import GroupCountScore, choose, score_group_counts
from services.trainer.segments.k_means import Labels, assign, k_means, lloyd, squared_distances
from services.trainer.segments.prediction_strength import stability
from services.trainer.segments.sampling import sampled_rows
from shared.arrays.types import Float32, Float64, Indices

SAMPLE = 4000  # points that the number is chosen on; at 1000 the strength of ML-1M varies by .1


@dataclass(frozen=True)
class Clustering:
    """Groups in order of size, the largest first, of equal ones that with the first point.

    `labels` int64[points]; `certainty` float32[points], 1 - d₁ / d₂ for the distances to the
    nearest centre and the next: 0 between two groups, 1 in the middle of one; `stability`
    float64[groups]: how often two members fall together again when half of the points are
    clustered; `scores` of the numbers of groups, from one.
    """

    labels: Labels
    certainty: Float32
    stability: Float64
    scores: Sequence[GroupCountScore]

    @property
    def n_groups(self) -> int:
        return len(self.stability)


def find_groups(
    embedding: Float32,
    rng: np.random.Generator,
    max_groups: int = 12,
    *,
    activity: Indices | None = None,
) -> Clustering:
    """Cluster the rows of `embedding` [points, k], into one group where there is no structure.

    The number is chosen on a sample, the centres are moved on all points. With `activity`
    [points], groups that are found again only for how active their members are do not count.
    """
    points = embedding.astype(np.float64)
    rows = sampled_rows(len(points), SAMPLE, rng)
    sample = points[rows]
    scores = score_group_counts(
        sample, max_groups, rng, None if activity is None else activity[rows]
    )
    n_groups = choose(scores).n_groups
    if n_groups == 1:
        return _one_group(len(points), scores)
    centres = lloyd(points, k_means(sample, n_groups, rng))
    centres = centres[_by_size(assign(points, centres), n_groups)]
    return Clustering(
        labels=assign(points, centres),
        certainty=_margins(points, centres),
        stability=stability(sample, centres, rng),
        scores=scores,
    )


def _one_group(n_points: int, scores: Sequence[GroupCountScore]) -> Clustering:
    return Clustering(
        labels=np.zeros(n_points, dtype=np.int64),
        certainty=np.ones(n_points, dtype=np.float32),
        stability=np.ones(1),
        scores=scores,
    )


def _by_size(labels: Labels, n_groups: int) -> Labels:
    """The groups in order: largest first, of equal ones that with the smallest index."""
    sizes = np.bincount(labels, minlength=n_groups)
    first = np.full(n_groups, len(labels))
    np.minimum.at(first, labels, np.arange(len(labels)))
    return np.lexsort((first, -sizes))


def _margins(points: Float64, centres: Float64) -> Float32:
    squares = squared_distances(points, centres)
    nearest, second = np.sqrt(np.partition(squares, 1, axis=1)[:, :2]).T
    margins: Float64 = 1 - nearest / np.maximum(second, np.finfo(np.float64).tiny)
    return margins.astype(np.float32)
