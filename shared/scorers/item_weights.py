"""An item-item model: what `ease` leaves behind."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays
from shared.scorers.histories import Floats, Histories, History, Indices


@dataclass(frozen=True)
class ItemWeights(FloatArrays):
    """Σ over a history's wanted items j of confidence_j · weights[j, i].

    `weights` float32[items, items], finite; `recency` float32[1], how many newer rows halve what a
    row says, infinity for none; ValueError where they do not hold. A vector is the history itself,
    float32[items], so users need no side of their own: `histories` are theirs.
    """

    weights: Floats
    recency: Floats
    histories: Histories

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or self.weights.shape[0] != self.weights.shape[1]:
            raise ValueError("the weights of an item-item model are no square")
        if self.recency.shape != (1,):
            raise ValueError("the recency of an item-item model is not one number")
        require_finite({"weights": self.weights}, "an item-item model")

    def vectors(self, user_indices: Indices) -> Floats:
        vectors = np.empty((len(user_indices), len(self.weights)), dtype=np.float32)
        for row, user in enumerate(user_indices.tolist()):
            vectors[row] = self.fold_in(self.histories[user])
        return vectors

    def fold_in(self, history: History) -> Floats:
        vector = np.zeros(len(self.weights), dtype=np.float32)
        vector[history.item_indices] = self._wanted(history)
        return vector

    def score(self, vectors: Floats, item_indices: Indices | None = None) -> Floats:
        if len(vectors) != 1:
            columns = self.weights if item_indices is None else self.weights[:, item_indices]
            many: Floats = vectors @ columns
            return many
        items = np.flatnonzero(vectors)  # one history touches few of the rows
        one: Floats = vectors[:, items] @ self.weights[items]
        return one if item_indices is None else one[:, item_indices]

    def deviation(self, history: History) -> Floats:
        """Had every row of the history come a Poisson(1) number of times: its bootstrap."""
        added = self.weights[history.item_indices] * self._wanted(history)[:, None]
        deviation: Floats = np.sqrt(np.einsum("ji,ji->i", added, added))
        return deviation

    def contributions(self, history: History, item_indices: Indices) -> Floats:
        weights = self.weights[np.ix_(history.item_indices, item_indices)]
        added: Floats = weights * self._wanted(history)[:, None]
        return added

    def _wanted(self, history: History) -> Floats:
        return history.recent(float(self.recency[0])).wanted

    def item_vectors(self, item_indices: Indices) -> Floats:
        """What else a liking of each item speaks for."""
        return self.weights[item_indices]

    def knows(self, history: History) -> bool:
        return bool(history.wanted.any())
