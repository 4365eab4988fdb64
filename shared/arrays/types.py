"""What arrays hold, by name: one name for each kind, in every service."""

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Indices = NDArray[np.integer]
"""Positions in another array, of any width."""
Mask = NDArray[np.bool_]
"""Which of the rows of another array."""
