"""Two rankers that err differently, together: what `blend` leaves behind."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from shared.arrays.named import Arrays, part, with_prefix
from shared.arrays.types import Float32, Indices, Mask
from shared.scorers.histories import Histories, History, HistoryRows
from shared.scorers.implicit_factorization import ImplicitFactorization
from shared.scorers.item_weights import ItemWeights

ITEM_WEIGHT = 0.5  # NDCG is level from .3 to .8


@dataclass(frozen=True)
class Blend:
    """The standardized scores of `factors`, plus half of those of `items`.

    A user's scores are brought to mean 0 and deviation 1 over the catalogue, so that neither
    model's scale counts. A vector is that of the one, then that of the other.
    """

    factors: ImplicitFactorization
    items: ItemWeights

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    def __post_init__(self) -> None:
        if len(self.factors.item_factors) != len(self.items.weights):
            raise ValueError("the two parts of a blend have different items")

    @classmethod
    def from_arrays(cls, arrays: Arrays, histories: Histories) -> Self:
        return cls(
            ImplicitFactorization.from_arrays(part(arrays, "factors"), histories),
            ItemWeights.from_arrays(part(arrays, "items"), histories),
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return with_prefix("factors", self.factors.arrays()) | with_prefix(
            "items", self.items.arrays()
        )

    def vectors(self, user_indices: Indices) -> Float32:
        parts = self.factors.vectors(user_indices), self.items.vectors(user_indices)
        return np.concatenate(parts, axis=1)

    def fold_in(self, history: History) -> Float32:
        return np.concatenate([self.factors.fold_in(history), self.items.fold_in(history)])

    def score(self, vectors: Float32, item_indices: Indices | None = None) -> Float32:
        by_factors, by_items = map(_standardized, self._scores(vectors))
        scores: Float32 = by_factors + np.float32(ITEM_WEIGHT) * by_items
        return scores if item_indices is None else scores[:, item_indices]

    def _scores(self, vectors: Float32) -> tuple[Float32, Float32]:
        """Of every item by the one part and by the other, float32[n, items] each."""
        rank = self.factors.item_factors.shape[1]
        return self.factors.score(vectors[:, :rank]), self.items.score(vectors[:, rank:])

    def score_std(self, history: History) -> Float32:
        """That of both parts in the unit of their standardized scores, as if independent."""
        by_factors, by_items = self._scores(self.fold_in(history)[None])
        factors = _in_units_of(by_factors, self.factors.score_std(history))
        items = _in_units_of(by_items, self.items.score_std(history))
        deviation: Float32 = np.hypot(factors, np.float32(ITEM_WEIGHT) * items)
        return deviation

    def item_vectors(self, item_indices: Indices) -> Float32:
        return self.factors.item_vectors(item_indices)

    def without_users(self, user_indices: Indices) -> Self:
        return replace(
            self,
            factors=self.factors.without_users(user_indices),
            items=self.items.without_users(user_indices),
        )

    def informative(self, rows: HistoryRows) -> Mask:
        return self.factors.informative(rows) | self.items.informative(rows)


def _standardized(scores: Float32) -> Float32:
    """Each row with mean 0 and deviation 1; zeros where all are equal."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    standardized: Float32 = np.divide(
        centred, deviation, out=np.zeros_like(centred), where=deviation > 0
    )
    return standardized


def _in_units_of(scores: Float32, deviation: Float32) -> Float32:
    """A deviation in the unit that `scores` are standardized to; zeros where all are equal."""
    spread = scores.std()
    return deviation / spread if spread > 0 else np.zeros_like(deviation)
