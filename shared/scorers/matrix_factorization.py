"""Biased matrix factorization: what `als` and, without factors, `bias` leave behind."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shared import ridge
from shared.histories import Floats, History, Indices
from shared.scorers import biased
from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays


@dataclass(frozen=True)
class MatrixFactorization(FloatArrays):
    """mean + user_bias[u] + item_bias[i] + user_factors[u] · item_factors[i].

    Shapes: mean [1], user_bias [users], item_bias [items], user_factors [users, rank],
    item_factors [items, rank], all float32 and finite; ValueError where they do not fit together.
    An unknown user or item contributes no bias and no factors: the expectation under the prior.
    `penalty` and `penalty_per_rating` [rank + 1] are those of a user's factors and bias; a vector
    is (factors, bias).
    """

    mean: Floats
    user_bias: Floats
    item_bias: Floats
    user_factors: Floats
    item_factors: Floats
    penalty: Floats
    penalty_per_rating: Floats

    roles: ClassVar[frozenset[str]] = frozenset({"rating", "ranker"})

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

    def vectors(self, user_indices: Indices) -> Floats:
        factors, bias = self.user_factors[user_indices], self.user_bias[user_indices, None]
        return np.concatenate([factors, bias], axis=1) * (user_indices >= 0)[:, None]

    def fold_in(self, history: History) -> Floats:
        rated = history.rated()
        factors = self.item_factors[rated.item_indices]
        return ridge.fold_in(
            np.concatenate([factors, np.ones((len(rated), 1), dtype=np.float32)], axis=1),
            rated.ratings - self.mean - self.item_bias[rated.item_indices],
            np.diag(self.penalty + len(rated) * self.penalty_per_rating),
        )

    def score(self, vectors: Floats) -> Floats:
        return biased.scores(self.mean, self.item_bias, self.item_factors, vectors)

    def rate(self, vectors: Floats, item_indices: Indices) -> Floats:
        items = self.item_bias, self.item_factors
        return biased.ratings(self.mean, *items, vectors, item_indices)

    def knows(self, history: History) -> bool:
        return len(history.rated()) > 0
