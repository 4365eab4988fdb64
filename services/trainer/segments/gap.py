"""Gap (Tibshirani, Walther & Hastie 2001): how much tighter groups are than those of one Gaussian
cloud of the same shape. Halves of a long cloud are found again too, but are no denser than these.
"""

import numpy as np

from services.trainer.segments.k_means import k_means, spread
from services.trainer.segments.sampling import sampled_rows
from shared.arrays.types import Float64

GAP_SAMPLE = 1000  # points; the gap varies by .01 then
REFERENCES = 4


def gap(points: Float64, n_groups: int, rng: np.random.Generator) -> float:
    """By how much, in logs, a sample's groups are tighter than those of a Gaussian cloud."""
    sample = points[sampled_rows(len(points), GAP_SAMPLE, rng)]
    covariance = np.cov(sample, rowvar=False).reshape(sample.shape[1], -1)
    clouds = [
        rng.multivariate_normal(np.zeros(len(covariance)), covariance, len(sample), method="eigh")
        for _ in range(REFERENCES)
    ]
    expected = np.mean([_log_spread(cloud, n_groups, rng) for cloud in clouds])
    return float(expected - _log_spread(sample, n_groups, rng))


def _log_spread(points: Float64, n_groups: int, rng: np.random.Generator) -> float:
    """The log of the squared distances from the centres, against those from the mean."""
    within = spread(points, k_means(points, n_groups, rng))
    total = np.square(points - points.mean(axis=0)).sum()
    return float(np.log(max(within / total, 1e-9)))  # points that coincide leave nothing
