"""What users did, for a description of their segments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices


@dataclass(frozen=True)
class Behaviour:
    """The items that users preferred, arrays [n]: `ratings` is nan where there is none."""

    user_indices: Indices
    item_indices: Indices
    ratings: NDArray[np.floating]
