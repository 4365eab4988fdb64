"""An item-item model: what `ease` leaves behind."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shared.arrays.types import Float32, Indices, Mask
from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays
from shared.scorers.histories import Histories, History, HistoryRows


@dataclass(frozen=True)
class ItemWeights(FloatArrays):
    """Σ over a history's positive items j of confidence_j · weights[j, i].

    `weights` float32[items, items], finite; `recency` float32[1], how many newer rows halve what a
    row says, infinity for none; ValueError where they do not hold. A vector is the history itself,
    float32[items], so users need no side of their own: `histories` are theirs.
    """

    weights: Float32
    recency: Float32
    histories: Histories

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or self.weights.shape[0] != self.weights.shape[1]:
            raise ValueError("the weights of an item-item model are no square")
        if self.recency.shape != (1,):
            raise ValueError("the recency of an item-item model is not one number")
        require_finite({"weights": self.weights}, "an item-item model")

    def vectors(self, user_indices: Indices) -> Float32:
        vectors = np.empty((len(user_indices), len(self.weights)), dtype=np.float32)
        for row, user in enumerate(user_indices.tolist()):
            vectors[row] = self.fold_in(self.histories[user])
        return vectors

    def fold_in(self, history: History) -> Float32:
        vector = np.zeros(len(self.weights), dtype=np.float32)
        vector[history.item_indices] = self._positives(history)
        return vector

    def score(self, vectors: Float32, item_indices: Indices | None = None) -> Float32:
        if len(vectors) != 1:
            columns = self.weights if item_indices is None else self.weights[:, item_indices]
            scores: Float32 = vectors @ columns
            return scores
        items = np.flatnonzero(vectors)  # one history touches few of the rows
        row: Float32 = vectors[:, items] @ self.weights[items]
        return row if item_indices is None else row[:, item_indices]

    def score_std(self, history: History) -> Float32:
        """Had every row of the history come a Poisson(1) number of times: its bootstrap."""
        added = self.weights[history.item_indices] * self._positives(history)[:, None]
        deviation: Float32 = np.sqrt(np.einsum("ji,ji->i", added, added))
        return deviation

    def contributions(self, history: History, item_indices: Indices) -> Float32:
        weights = self.weights[np.ix_(history.item_indices, item_indices)]
        added: Float32 = weights * self._positives(history)[:, None]
        return added

    def _positives(self, history: History) -> Float32:
        return history.recent(float(self.recency[0])).positive_confidences

    def item_vectors(self, item_indices: Indices) -> Float32:
        """What else a liking of each item speaks for."""
        return self.weights[item_indices]

    def informative(self, rows: HistoryRows) -> Mask:
        informative: Mask = rows.preferences & (rows.confidences != 0)
        return informative
