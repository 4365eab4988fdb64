"""The lists of many users, as rows of a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays.ragged import Ragged
from shared.arrays.types import Float32
from shared.scorers.top_k import Items


@dataclass(frozen=True)
class Lists:
    """The lists of n users, one after another and each best first.

    `user_indices` int64[n], `sizes` int64[n]; `item_indices` int32[rows], `scores` float32[rows];
    `ratings` float32[rows], nan where there is none.
    """

    user_indices: NDArray[np.int64]
    sizes: NDArray[np.int64]
    item_indices: Items
    scores: Float32
    ratings: Float32

    def __len__(self) -> int:
        return len(self.item_indices)

    @classmethod
    def joined(cls, parts: Sequence["Lists"]) -> "Lists":
        """The lists of all parts, at least one, in their order."""
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in cls.__dataclass_fields__
            )
        )

    def owners(self) -> NDArray[np.int32]:
        """The position of each row's user among the users, int32[rows]."""
        return Ragged.from_sizes(self.sizes).owners(np.int32)

    def ranks(self) -> NDArray[np.int32]:
        """The place of each row in its list, from 1, int32[rows]."""
        starts = np.cumsum(self.sizes) - self.sizes
        ranks = np.arange(1, len(self) + 1, dtype=np.int32)
        ranks -= np.repeat(starts, self.sizes).astype(np.int32)
        return ranks
