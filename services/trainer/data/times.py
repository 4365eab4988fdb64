"""Whether the times of interactions are an order in time."""

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices
from shared.scorers.histories import NO_TIME


def has_times(user_indices: Indices, occurred_at: NDArray[np.int64]) -> bool:
    """Whether times tell an order: of the rows that have a time, most users who have several have
    several times.

    All rows of one moment, the day of an export say, are in no order. Where nobody has several
    rows, there is an order if there are several times. Rows are given by `user_indices` int[n] and
    `occurred_at` int64[n], epoch milliseconds or NO_TIME.
    """
    timed = occurred_at != NO_TIME
    user_indices, occurred_at = user_indices[timed], occurred_at[timed]
    lengths = np.bincount(user_indices)
    earliest = np.full(len(lengths), np.iinfo(np.int64).max)
    np.minimum.at(earliest, user_indices, occurred_at)
    spread = np.zeros(len(lengths), dtype=np.int64)
    np.maximum.at(spread, user_indices, occurred_at - earliest[user_indices])
    several = lengths > 1
    if not several.any():
        return len(np.unique(occurred_at)) > 1
    return bool(np.count_nonzero(spread[several]) * 2 > np.count_nonzero(several))
