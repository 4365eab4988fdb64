"""What a version was trained on of some users: the rows of their histories, side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices, Mask
from shared.scorers import Scorer
from shared.scorers.histories import Histories, History

KnownKinds = Mask
"""bool[2, 2, 2]: whether a row is known that has a confidence, was wanted, was rated."""


@dataclass(frozen=True)
class TrainedRows:
    """The rows of n users: `rows` int64[any] of `histories`, and in `owners` int64[any] the
    position of each row's user among the n."""

    histories: Histories
    users: int
    rows: NDArray[np.int64]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, histories: Histories, user_indices: Indices) -> "TrainedRows":
        """Of these users, in this order."""
        taken, rows = histories.by_user.take(user_indices)
        return cls(histories, len(taken), rows, taken.owners(np.int64))

    @property
    def item_indices(self) -> NDArray[np.int32]:
        """The item of each row, int32[rows]."""
        return self.histories.item_indices[self.rows]

    def known_by(self, kinds: KnownKinds) -> Mask:
        """Of which users a scorer knows anything, bool[n]: those with a row of such a kind."""
        confident = self.histories.confidences[self.rows] != 0
        wanted = self.histories.preferences[self.rows]
        rated = ~np.isnan(self.histories.ratings[self.rows])
        known = kinds[confident.view(np.int8), wanted.view(np.int8), rated.view(np.int8)]
        return np.bincount(self.owners[known], minlength=self.users) > 0


def kinds_known_to(scorer: Scorer) -> KnownKinds:
    """Of which kinds of rows the scorer knows something: a history is known by any of its rows.

    So it is asked 8 times, as asking it about each user takes 8 µs a user.
    """
    kinds = np.empty((2, 2, 2), dtype=np.bool_)
    for confident, wanted, rated in np.ndindex(kinds.shape):
        kinds[confident, wanted, rated] = scorer.knows(
            History(
                item_indices=np.zeros(1, dtype=np.int32),
                preferences=np.array([wanted], dtype=np.bool_),
                confidences=np.array([confident], dtype=np.float32),
                ratings=np.array([1 if rated else np.nan], dtype=np.float32),
                recency_ranks=np.zeros(1, dtype=np.int32),
                attributes=np.empty(0, dtype=np.float32),
            )
        )
    return kinds
