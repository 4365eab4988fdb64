"""Explicit ratings by index: what a rating model is fitted to and measured with."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float32, Mask


@dataclass(frozen=True)
class Ratings:
    """At most one rating for each pair: user_indices and item_indices int32[n], values float32[n];
    `shape` is (users, items), `scale` the smallest and largest rating there can be."""

    user_indices: NDArray[np.int32]
    item_indices: NDArray[np.int32]
    values: Float32
    shape: tuple[int, int]
    scale: tuple[float, float]

    def __len__(self) -> int:
        return len(self.values)

    def mean(self) -> float:
        return float(self.values.mean(dtype=np.float64))

    def standard_deviation(self) -> float:
        """In the ratings' unit; 1 where all are equal."""
        return float(self.values.std(dtype=np.float64)) or 1.0

    def clip(self, predicted: Float32) -> Float32:
        """Predictions brought back to the scale."""
        return np.clip(predicted, *self.scale)

    def subset(self, mask: Mask) -> Self:
        """The ratings where `mask` bool[n] holds, over the same users and items."""
        return type(self)(
            self.user_indices[mask],
            self.item_indices[mask],
            self.values[mask],
            self.shape,
            self.scale,
        )
