"""Sets of items, one for each of many users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays.ragged import Ragged
from shared.arrays.types import Indices, Mask
from shared.scorers.histories import pair_keys


@dataclass(frozen=True)
class ItemSets:
    """A set of items for each of n users, one after another: those of row r are
    `item_indices[offsets[r] : offsets[r + 1]]`, none twice; `offsets` int64[n + 1]."""

    offsets: NDArray[np.int64]
    item_indices: Indices

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def from_pairs(cls, user_indices: Indices, item_indices: Indices, n_users: int) -> "ItemSets":
        """From pairs in any order; what stands twice counts once."""
        n_items = 1 + int(item_indices.max(initial=0))
        pairs = np.sort(pair_keys(user_indices, item_indices, n_items))
        owners, kept = np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], n_items)
        return cls(Ragged.from_owners(owners, n_users).offsets, kept)

    def sizes(self) -> NDArray[np.int64]:
        """How many items each user has, int64[n]."""
        return Ragged(self.offsets).sizes()

    def owners(self) -> NDArray[np.int64]:
        """The row that each item belongs to, int64[items of all]."""
        return Ragged(self.offsets).owners(np.int64)

    def of(self, rows: Indices) -> "ItemSets":
        """The sets of these users, in this order."""
        taken, places = Ragged(self.offsets).take(rows)
        return ItemSets(taken.offsets, self.item_indices[places])

    def within(self, items: Mask) -> "ItemSets":
        """The sets without the items for which `items` bool[items] is False."""
        kept = items[self.item_indices]
        left = Ragged.from_owners(self.owners()[kept], len(self))
        return ItemSets(left.offsets, self.item_indices[kept])

    def popularity(self, n_items: int) -> NDArray[np.int64]:
        """How many users have each of `n_items` items, int64[items]."""
        return np.bincount(self.item_indices, minlength=n_items)
