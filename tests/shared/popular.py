"""What is popular with people of whom nothing is declared."""

import numpy as np

from shared.arrays.types import Float32
from shared.scorers import Popularity
from tests.shared.histories import rated_histories

USERS = 1000


def alike(popularity: Float32) -> Popularity:
    """The same scores for each of some users, and for strangers."""
    nothing = np.empty((0, len(popularity)), dtype=np.float32)
    return Popularity(popularity, nothing, rated_histories(*([[]] * USERS)))
