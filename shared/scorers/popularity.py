"""What is wanted by most, and how much more or less of it by people of whom something is known."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shared.arrays.types import Float32, Indices, Mask
from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays
from shared.scorers.histories import Histories, History, HistoryRows


@dataclass(frozen=True)
class Popularity(FloatArrays):
    """popularity[i] · exp(attributes · lifts[:, i]).

    `popularity` float32[items], at least 0, higher is more popular; `lifts` float32[features,
    items], finite, how much each declared attribute adds to the logarithm; ValueError where they
    do not fit together. A vector is a user's encoded attributes, zeros where nothing is known: the
    scores are then popularity itself. The attributes of trained users are in their `histories`.
    """

    popularity: Float32
    lifts: Float32
    histories: Histories

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    def __post_init__(self) -> None:
        if (
            self.lifts.shape[1:] != self.popularity.shape
            or len(self.lifts) != self.histories.attributes.shape[1]
        ):
            raise ValueError("the lifts of a popularity do not fit its items or its users")
        require_finite(self.arrays(), "a popularity")

    def vectors(self, user_indices: Indices) -> Float32:
        known: Float32 = self.histories.attributes[user_indices] * (user_indices >= 0)[:, None]
        return known

    def fold_in(self, history: History) -> Float32:
        nothing = np.zeros(len(self.lifts), dtype=np.float32)
        return history.attributes if len(history.attributes) else nothing

    def score(self, vectors: Float32, item_indices: Indices | None = None) -> Float32:
        items = slice(None) if item_indices is None else item_indices
        scores: Float32 = self.popularity[items] * np.exp(vectors @ self.lifts[:, items])
        return scores

    def score_std(self, history: History) -> Float32:
        """Of a count: as if so many people had come by chance (Poisson)."""
        lifted = np.exp(self.fold_in(history) @ self.lifts)
        deviation: Float32 = np.sqrt(self.popularity) * lifted
        return deviation

    def item_vectors(self, item_indices: Indices) -> Float32:
        return np.empty((len(item_indices), 0), dtype=np.float32)

    def informative(self, rows: HistoryRows) -> Mask:
        return np.zeros(len(rows.ratings), dtype=np.bool_)
