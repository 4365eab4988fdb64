"""Random samples of rows."""

import numpy as np
from numpy.typing import NDArray


def sampled_rows(n: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Up to `most` of `n` rows, ascending; all of them, without a draw, where that is enough."""
    rows = np.arange(n)
    return rows if n <= most else np.sort(rng.choice(rows, most, replace=False))
