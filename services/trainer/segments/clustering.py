"""Groups of points, and how many there are: k-means with a stated criterion.

The number of groups is the largest that improves on fewer by both of these:
- Prediction strength (Tibshirani & Walther 2005): groups found in one half of the points come out
  again in the other half.
- Gap (Tibshirani, Walther & Hastie 2001) over one Gaussian cloud of the same shape: halves of a
  long cloud are found again too, but they are no denser than halves of any such cloud.
Where neither finds more, there is one group: docs/decisions/0006-segments.md has the figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float32, Float64, Indices

Labels = NDArray[np.int64]

LEAST_STRENGTH = 0.8  # the authors' own bound; with three groups random data stays below .6
LEAST_GAP = 0.04  # real data gains .06 (ML-1M, three groups) to 1.4; finer splits of it .02 or less
LEAST_GAP_OF_TWO = 0.1
"""Halves of any long cloud are found again: random data as active as ML-1M's users reaches a
strength of .97 and a gap of .06 with two groups. ML-100K reaches .12."""
LEAST_MEMBERS = 10  # for each group that is tried; halves of fewer are anything
HOPELESS, HOPELESS_AFTER = 0.65, 4  # the mean of 16 will not come to .8
ACTIVITY_LEVELS = 10  # less their means random data falls to .53 with two groups, ML to .79
SAMPLE = 4000  # points that the number is chosen on; at 1000 the strength of ML-1M varies by .1
GAP_SAMPLE = 1000  # the gap varies by .01 then
SPLITS = 8  # into halves, each of which predicts the other
REFERENCES = 4
RESTARTS = 4
MAX_SWEEPS = 30  # bounds the time where there are no groups to converge to


@dataclass(frozen=True)
class Trial:
    """What the criterion says of a number of groups."""

    groups: int
    strength: float
    gap: float | None
    """None where the strength is too small already."""

    def improves_on(self, fewer: "Trial") -> bool:
        """Whether the groups are there, and more than halves of the `fewer` groups."""
        if self.strength < LEAST_STRENGTH or self.gap is None or fewer.gap is None:
            return False
        return self.gap >= fewer.gap + (LEAST_GAP_OF_TWO if self.groups == 2 else LEAST_GAP)


@dataclass(frozen=True)
class Clustering:
    """Groups in order of size, the largest first, of equal ones that with the first point.

    `labels` int64[points]; `certainty` float32[points], 1 - d₁ / d₂ for the distances to the
    nearest centre and the next: 0 between two groups, 1 in the middle of one; `stability`
    float64[groups]: how often two members fall together again when half of the points are
    clustered; `trials` by number of groups, from one.
    """

    labels: Labels
    certainty: Float32
    stability: Float64
    trials: list[Trial]

    @property
    def groups(self) -> int:
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
    rows = _sample(np.arange(len(points)), SAMPLE, rng)
    sample = points[rows]
    even = sample if activity is None else _without(activity[rows], sample)
    most = max(1, min(max_groups, len(sample) // LEAST_MEMBERS)) if _vary(sample) else 1
    tried = (_try(sample, even, groups, rng) for groups in range(2, most + 1))
    trials = [Trial(1, 1.0, 0.0), *tried]
    groups = choose(trials).groups
    if groups == 1:
        return _one_group(len(points), trials)
    centres = _lloyd(points, k_means(sample, groups, rng))
    centres = centres[_by_size(assign(points, centres), groups)]
    return Clustering(
        labels=assign(points, centres),
        certainty=_margins(points, centres),
        stability=_stability(sample, centres, rng),
        trials=trials,
    )


def choose(trials: list[Trial]) -> Trial:
    """The last trial, in the order of groups, that improves on the one chosen before it."""
    chosen = trials[0]
    for trial in trials[1:]:
        if trial.improves_on(chosen):
            chosen = trial
    return chosen


def _sample(rows: Labels, most: int, rng: np.random.Generator) -> Labels:
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def _without(activity: Indices, points: Float64) -> Float64:
    """The points less the mean of those that are about as active: a tenth of all."""
    ranks = np.argsort(np.argsort(activity, kind="stable"))
    tenths = ranks * ACTIVITY_LEVELS // max(len(points), 1)
    return points - _means(points, tenths, np.zeros((ACTIVITY_LEVELS, points.shape[1])))[tenths]


def _vary(points: Float64) -> bool:
    """Whether the points differ by more than rounding."""
    return len(points) > 1 and bool(np.ptp(points, axis=0).max(initial=0) > 1e-6)


def _one_group(points: int, trials: list[Trial]) -> Clustering:
    return Clustering(
        labels=np.zeros(points, dtype=np.int64),
        certainty=np.ones(points, dtype=np.float32),
        stability=np.ones(1),
        trials=trials,
    )


def _by_size(labels: Labels, groups: int) -> Labels:
    """The groups in order: largest first, of equal ones that with the smallest index."""
    sizes = np.bincount(labels, minlength=groups)
    first = np.full(groups, len(labels))
    np.minimum.at(first, labels, np.arange(len(labels)))
    return np.lexsort((first, -sizes))


def _margins(points: Float64, centres: Float64) -> Float32:
    nearest, second = np.sqrt(np.partition(_squares(points, centres), 1, axis=1)[:, :2]).T
    margins: Float64 = 1 - nearest / np.maximum(second, np.finfo(np.float64).tiny)
    return margins.astype(np.float32)


# The criterion


def _try(points: Float64, even: Float64, groups: int, rng: np.random.Generator) -> Trial:
    strength = _strength(points, groups, rng)
    if strength >= LEAST_STRENGTH and even is not points:
        evened = _strength(even, groups, rng)
        strength = strength if evened >= HOPELESS else evened
    if strength < LEAST_STRENGTH:
        return Trial(groups, strength, None)
    rows = _sample(np.arange(len(points)), GAP_SAMPLE, rng)
    return Trial(groups, strength, _gap(points[rows], groups, rng))


def _strength(points: Float64, groups: int, rng: np.random.Generator) -> float:
    strengths: list[float] = []
    for _half, tested, own, others in _halves(points, groups, rng):
        labels, predicted = assign(tested, own), assign(tested, others)
        strengths.append(prediction_strength(labels, predicted, groups))
        if len(strengths) == HOPELESS_AFTER and np.mean(strengths) < HOPELESS:
            break
    return float(np.mean(strengths))


def _halves(
    points: Float64, groups: int, rng: np.random.Generator
) -> Iterator[tuple[Labels, Float64, Float64, Float64]]:
    """Halves of the points: their rows, they themselves, their centres and the other half's."""
    for _ in range(SPLITS):
        halves = np.array_split(rng.permutation(len(points)), 2)
        centres = [k_means(points[half], groups, rng) for half in halves]
        yield halves[0], points[halves[0]], centres[0], centres[1]
        yield halves[1], points[halves[1]], centres[1], centres[0]


def prediction_strength(own: Labels, predicted: Labels, groups: int) -> float:
    """Of the pairs within an own group, how many are predicted to be together: the worst group.

    0 where a group has no pair.
    """
    return float(_together(own, predicted, groups).min())


def _together(own: Labels, predicted: Labels, groups: int) -> Float64:
    """For each own group the share of its pairs that `predicted` keeps together, float64."""
    table = np.zeros((groups, groups))
    np.add.at(table, (own, predicted), 1)
    pairs = _pairs(table.sum(axis=1))
    together: Float64 = _pairs(table).sum(axis=1) / np.where(pairs > 0, pairs, 1)
    return together


def _pairs(members: Float64) -> Float64:
    pairs: Float64 = members * (members - 1) / 2
    return pairs


def _gap(points: Float64, groups: int, rng: np.random.Generator) -> float:
    """By how much, in logs, the groups are tighter than those of a Gaussian of the same shape."""
    covariance = np.cov(points, rowvar=False).reshape(points.shape[1], -1)
    clouds = [
        rng.multivariate_normal(np.zeros(len(covariance)), covariance, len(points), method="eigh")
        for _ in range(REFERENCES)
    ]
    expected = np.mean([_log_spread(cloud, groups, rng) for cloud in clouds])
    return float(expected - _log_spread(points, groups, rng))


def _log_spread(points: Float64, groups: int, rng: np.random.Generator) -> float:
    """The log of the squared distances from the centres, against those from the mean."""
    within = _spread(points, k_means(points, groups, rng))
    total = np.square(points - points.mean(axis=0)).sum()
    return float(np.log(max(within / total, 1e-9)))  # points that coincide leave nothing


def _stability(points: Float64, centres: Float64, rng: np.random.Generator) -> Float64:
    labels, groups = assign(points, centres), len(centres)
    shares = [
        _together(labels[half], assign(tested, others), groups)
        for half, tested, _own, others in _halves(points, groups, rng)
    ]
    return np.asarray(np.mean(shares, axis=0), dtype=np.float64)


# k-means


def k_means(points: Float64, groups: int, rng: np.random.Generator) -> Float64:
    """The best centres of several starts, float64[groups, k]."""
    starts = (_lloyd(points, _seeds(points, groups, rng)) for _ in range(RESTARTS))
    return min(starts, key=lambda centres: _spread(points, centres))


def assign(points: Float64, centres: Float64) -> Labels:
    """The nearest centre of each point, int64[points]."""
    nearest: Labels = _squares(points, centres).argmin(axis=1)
    return nearest


def _lloyd(points: Float64, centres: Float64) -> Float64:
    """Move centres to the means of their points until no point changes its group."""
    labels = assign(points, centres)
    for _sweep in range(MAX_SWEEPS):
        centres = _means(points, labels, centres)
        before, labels = labels, assign(points, centres)
        if np.array_equal(before, labels):
            break
    return centres


def _means(points: Float64, labels: Labels, centres: Float64) -> Float64:
    """The mean of each group; a group without points keeps its centre."""
    members = (labels == np.arange(len(centres))[:, None]).astype(np.float64)
    sizes = members.sum(axis=1, keepdims=True)
    means: Float64 = np.where(sizes > 0, members @ points / np.maximum(sizes, 1), centres)
    return means


def _seeds(points: Float64, groups: int, rng: np.random.Generator) -> Float64:
    """Greedy k-means++ (Arthur & Vassilvitskii 2007): far points likelier, the best of a few."""
    chosen = points[rng.integers(len(points), size=1)]
    nearest = _squares(points, chosen)[:, 0]
    candidates = 2 + int(np.log(groups))
    while len(chosen) < groups:
        rows = _draw(nearest, candidates, rng)
        after = np.minimum(nearest[:, None], _squares(points, points[rows]))
        best = after.sum(axis=0).argmin()
        chosen, nearest = np.vstack([chosen, points[rows[best]]]), after[:, best]
    return chosen


def _draw(weights: Float64, how_many: int, rng: np.random.Generator) -> Labels:
    reached = np.cumsum(weights)
    rows = np.searchsorted(reached, rng.random(how_many) * reached[-1], side="right")
    return np.asarray(np.minimum(rows, len(weights) - 1), dtype=np.int64)


def _spread(points: Float64, centres: Float64) -> float:
    return float(_squares(points, centres).min(axis=1).sum())


def _squares(points: Float64, centres: Float64) -> Float64:
    """Squared distances, float64[points, centres]."""
    lengths = np.square(points).sum(axis=1)[:, None] + np.square(centres).sum(axis=1)
    squares: Float64 = np.maximum(lengths - 2 * points @ centres.T, 0)
    return squares
