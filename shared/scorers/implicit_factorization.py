"""Implicit matrix factorization: what `ials` leaves behind."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shared import ridge
from shared.histories import Floats, History, Indices
from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays


@dataclass(frozen=True)
class ImplicitFactorization(FloatArrays):
    """user_factors[u] · item_factors[i], near 1 for what a user would choose.

    Shapes: user_factors [users, rank], item_factors [items, rank], gram [rank, rank] (the item
    factors' own Gram matrix times the weight of what was not chosen), penalty [2] (the weight of
    what was not chosen, times the number of items; the regularization), recency [1] (how many newer
    rows halve what a row says, infinity for none), all float32; ValueError where they do not fit
    together or are not finite. A vector is a user's factors.
    """

    user_factors: Floats
    item_factors: Floats
    gram: Floats
    penalty: Floats
    recency: Floats

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    def __post_init__(self) -> None:
        rank = self.item_factors.shape[-1]
        if (
            self.user_factors.ndim != 2
            or self.user_factors.shape[1] != rank
            or self.gram.shape != (rank, rank)
            or self.penalty.shape != (2,)
            or self.recency.shape != (1,)
        ):
            raise ValueError("the factors of an implicit factorization do not fit together")
        numbers = {name: array for name, array in self.arrays().items() if name != "recency"}
        require_finite(numbers, "an implicit factorization")

    def vectors(self, user_indices: Indices) -> Floats:
        known: Floats = self.user_factors[user_indices] * (user_indices >= 0)[:, None]
        return known

    def fold_in(self, history: History) -> Floats:
        unobserved, regularization = self.penalty
        recent = history.recent(float(self.recency[0]))
        ridge_penalty = regularization * (recent.confidences.sum() + unobserved)
        return ridge.fold_in(
            self.item_factors[recent.item_indices],
            recent.preferences.astype(np.float32),
            self.gram + ridge_penalty * np.eye(len(self.gram), dtype=np.float32),
            confidences=recent.confidences,
        )

    def score(self, vectors: Floats) -> Floats:
        scores: Floats = vectors @ self.item_factors.T
        return scores

    def knows(self, history: History) -> bool:
        return bool(history.confidences.any())
