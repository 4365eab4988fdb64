"""Sets of items, one for each of many users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices, Mask
from shared.scorers.histories import offsets_of, pair_keys


@dataclass(frozen=True)
class ItemSets:
    """A set of items for each of n users, one after another: those of row r are
    `item_indices[offsets[r] : offsets[r + 1]]`, none twice; `offsets` int64[n + 1]."""

    offsets: NDArray[np.int64]
    item_indices: Indices

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def from_pairs(cls, user_indices: Indices, item_indices: Indices, users: int) -> "ItemSets":
        """From pairs in any order; what stands twice counts once."""
        items = 1 + int(item_indices.max(initial=0))
        pairs = np.sort(pair_keys(user_indices, item_indices, items))
        owners, kept = np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], items)
        return cls(offsets_of(owners, users), kept)

    def sizes(self) -> NDArray[np.int64]:
        """How many items each user has, int64[n]."""
        return np.diff(self.offsets)

    def owners(self) -> NDArray[np.int64]:
        """The row that each item belongs to, int64[items of all]."""
        return np.repeat(np.arange(len(self)), self.sizes())

    def of(self, rows: Indices) -> "ItemSets":
        """The sets of these users, in this order."""
        sizes = self.sizes()[rows]
        offsets = np.append(0, np.cumsum(sizes))
        shift = np.repeat(self.offsets[rows] - offsets[:-1], sizes)
        return ItemSets(offsets, self.item_indices[shift + np.arange(offsets[-1])])

    def within(self, items: Mask) -> "ItemSets":
        """The sets without the items for which `items` bool[items] is False."""
        kept = items[self.item_indices]
        return ItemSets(offsets_of(self.owners()[kept], len(self)), self.item_indices[kept])

    def popularity(self, items: int) -> NDArray[np.int64]:
        """How many users have each of `items` items, int64[items]."""
        return np.bincount(self.item_indices, minlength=items)
