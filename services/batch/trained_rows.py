"""What a version was trained on of some users: the rows of their histories, side by side."""

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices
from shared.scorers.histories import Histories


def rows_of_users(
    histories: Histories, user_indices: Indices
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of n users in this order, int64[rows], and the position of each row's user among
    the n, int64[rows]."""
    begins = histories.offsets[user_indices]
    sizes = histories.offsets[user_indices + 1] - begins
    shifts = begins - (np.cumsum(sizes) - sizes)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(len(owners)) + shifts[owners], owners
