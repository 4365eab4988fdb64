"""mean + bias of the user + bias of the item + user factors · item factors, by vectors.

A vector is (factors, bias); `item_bias` [items], `item_factors` [items, rank], all float32.
"""

import numpy as np

from shared.scorers.histories import Floats, Indices


def scores(
    mean: Floats,
    item_bias: Floats,
    item_factors: Floats,
    vectors: Floats,
    item_indices: Indices | None = None,
) -> Floats:
    """Of every item, or of these, for each of `vectors` [n, rank + 1], float32[n, items]."""
    if item_indices is not None:
        item_bias, item_factors = item_bias[item_indices], item_factors[item_indices]
    every: Floats = vectors[:, :-1] @ item_factors.T
    every += mean + item_bias + vectors[:, -1:]
    return every


def ratings(
    mean: Floats, item_bias: Floats, item_factors: Floats, vectors: Floats, item_indices: Indices
) -> Floats:
    """Of each vector [n or 1, rank + 1] for its item [n], float32[n]; item -1 adds nothing."""
    known = item_indices >= 0
    factors = item_factors[item_indices] * known[:, None]
    each: Floats = mean + item_bias[item_indices] * known + vectors[:, -1]
    each += np.einsum("nr,nr->n", np.broadcast_to(vectors[:, :-1], factors.shape), factors)
    return each
