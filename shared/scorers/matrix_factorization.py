"""Biased matrix factorization: what `als` and, without factors, `bias` leave behind."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from shared.arrays.types import Float32, Indices, Mask
from shared.scorers import biased, ridge
from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays
from shared.scorers.histories import History, HistoryRows

PRIOR_RATINGS = 10.0
"""So many ratings' worth of a history's noise is what that of all users is."""


@dataclass(frozen=True)
class MatrixFactorization(FloatArrays):
    """mean + user_bias[u] + item_bias[i] + user_factors[u] · item_factors[i].

    Shapes: mean [1], user_bias [users], item_bias [items], user_factors [users, rank],
    item_factors [items, rank], all float32 and finite; ValueError where they do not fit together.
    An unknown user or item contributes no bias and no factors: the expectation under the prior.
    `penalty` and `penalty_per_rating` [rank + 1] are those of a user's factors and bias; a vector
    is (factors, bias).
    """

    mean: Float32
    user_bias: Float32
    item_bias: Float32
    user_factors: Float32
    item_factors: Float32
    penalty: Float32
    penalty_per_rating: Float32

    roles: ClassVar[frozenset[str]] = frozenset({"rating", "ranker"})
    user_side: ClassVar[tuple[str, ...]] = ("user_factors", "user_bias")

    def __post_init__(self) -> None:
        rank = self.item_factors.shape[-1]
        if (
            self.mean.shape != (1,)
            or self.user_factors.shape != (len(self.user_bias), rank)
            or self.item_factors.shape != (len(self.item_bias), rank)
            or {self.penalty.shape, self.penalty_per_rating.shape} != {(rank + 1,)}
        ):
            raise ValueError("the biases and factors of a matrix factorization do not fit together")
        require_finite(self.arrays(), "a matrix factorization")

    def vectors(self, user_indices: Indices) -> Float32:
        factors, bias = self.user_factors[user_indices], self.user_bias[user_indices, None]
        return np.concatenate([factors, bias], axis=1) * (user_indices >= 0)[:, None]

    def fold_in(self, history: History) -> Float32:
        return ridge.fold_in(*self._regression(history.rated()))

    def _regression(self, rated: History) -> tuple[Float32, Float32, Float32]:
        """Features [n, rank + 1], targets [n] and the prior's precision of a user's vector."""
        return (
            _with_one(self.item_factors[rated.item_indices]),
            rated.ratings - self.mean - self.item_bias[rated.item_indices],
            np.diag(self.penalty + len(rated) * self.penalty_per_rating),
        )

    def score(self, vectors: Float32, item_indices: Indices | None = None) -> Float32:
        items = self.item_bias, self.item_factors
        return biased.scores(self.mean, *items, vectors, item_indices)

    def score_std(self, history: History) -> Float32:
        """By the conjugate posterior of a user's vector and noise (Gelman et al., chapter 14)."""
        features, targets, prior = self._regression(history.rated())
        vector, precision = ridge.posterior(features, targets, prior)
        unexplained = targets @ targets - vector @ precision @ vector
        noise = PRIOR_RATINGS * self._usual_noise + max(float(unexplained), 0)
        noise /= PRIOR_RATINGS + len(targets)
        variances = ridge.variances(precision, _with_one(self.item_factors))
        deviation: Float32 = np.sqrt(noise * variances, dtype=np.float32)
        return deviation

    @cached_property
    def _usual_noise(self) -> float:
        """The variance of ratings around the model, of all users. It is not kept, but told by the
        penalty of biases, which is noise variance / variance of biases."""
        biases = self.user_bias[self.user_bias != 0]  # who rated nothing has none
        return float(self.penalty[-1] * np.mean(biases**2)) if len(biases) else 0.0

    def contributions(self, history: History, item_indices: Indices) -> Float32:
        rated = history.rated()
        directions = _with_one(self.item_factors[item_indices])
        added = np.zeros((len(history), len(item_indices)), dtype=np.float32)
        added[~np.isnan(history.ratings)] = ridge.contributions(
            *self._regression(rated), directions
        )
        return added

    def item_vectors(self, item_indices: Indices) -> Float32:
        return self.item_factors[item_indices]

    def rate(self, vectors: Float32, item_indices: Indices) -> Float32:
        items = self.item_bias, self.item_factors
        return biased.ratings(self.mean, *items, vectors, item_indices)

    def informative(self, rows: HistoryRows) -> Mask:
        return ~np.isnan(rows.ratings)


def _with_one(factors: Float32) -> Float32:
    """Features for a user: the items' factors, and a 1 for its own bias."""
    return np.concatenate([factors, np.ones((len(factors), 1), dtype=np.float32)], axis=1)
