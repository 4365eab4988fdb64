"""Items that no version knows yet: each is scored as the mean of its nearest trained items.

These are the items that are declared most alike. Their mean score is the expectation for an item
like them, and it stays linear in a history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float32

ItemIndices = NDArray[np.int64]

NEIGHBOURS = 30  # trained items that score a new one; more where more are equally alike


@dataclass(frozen=True)
class Neighbours:
    """Trained items by which others are scored: `members` int64[any], one group after another;
    `sizes` int64[groups], at least 1 each, or all 0."""

    members: ItemIndices
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, groups: Sequence[ItemIndices]) -> "Neighbours":
        return cls(np.concatenate(groups), np.array([len(group) for group in groups]))

    def means(self, values: Float32) -> Float32:
        """The mean of each group, float32[n, groups], of `values` [n, members]; 0 where nothing is
        trained that could be a member."""
        if not len(self.members):
            return np.zeros((len(values), len(self.sizes)), dtype=np.float32)
        starts = np.cumsum(self.sizes) - self.sizes
        sums = np.add.reduceat(values, starts, axis=1)
        means: Float32 = (sums / self.sizes).astype(np.float32)
        return means


@dataclass(frozen=True)
class ColdStartGroups:
    """New items in groups of equal descriptions: `positions` by the description's bytes, and the
    nearest trained items of each group."""

    positions: Mapping[bytes, int] = field(default_factory=dict)
    members: Sequence[ItemIndices] = ()

    @cached_property
    def neighbours(self) -> Neighbours:
        """Those of every group."""
        return Neighbours.of(self.members)


def nearest_items(description: Float32, descriptions: Float32) -> ItemIndices:
    """The trained items whose `descriptions` float32[items, size] make the smallest angle with this
    one, NEIGHBOURS of them and whoever ties with the last; all items where nothing is declared."""
    if not len(descriptions) or not description.any():
        return np.arange(len(descriptions))
    lengths = np.linalg.norm(descriptions, axis=1)
    cosines = descriptions @ description / np.where(lengths > 0, lengths, 1)
    if len(cosines) <= NEIGHBOURS:
        return np.arange(len(cosines))
    least = np.partition(cosines, -NEIGHBOURS)[-NEIGHBOURS]
    return np.flatnonzero(cosines >= least - 1e-5 * np.linalg.norm(description))
