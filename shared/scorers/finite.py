"""No scorer serves what is no number."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


class NotFiniteError(ValueError):
    """Infinity or nan in the arrays of a scorer."""


def require_finite(arrays: Mapping[str, NDArray[np.generic]], what: str) -> None:
    """NotFiniteError where an array of `what` holds infinity or nan."""
    for name, array in arrays.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise NotFiniteError(f"{what} holds what is no finite number, in {name}")
