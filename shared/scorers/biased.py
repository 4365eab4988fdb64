"""mean + bias of the user + bias of the item + user factors · item factors, by vectors.

A vector is (factors, bias); `item_bias` [items], `item_factors` [items, rank], all float32.
"""

import numpy as np

from shared.arrays.types import Float32, Indices


def scores(
    mean: Float32,
    item_bias: Float32,
    item_factors: Float32,
    vectors: Float32,
    item_indices: Indices | None = None,
) -> Float32:
    """Of every item, or of these, for each of `vectors` [n, rank + 1], float32[n, items]."""
    if item_indices is not None:
        item_bias, item_factors = item_bias[item_indices], item_factors[item_indices]
    raw: Float32 = vectors[:, :-1] @ item_factors.T
    raw += mean + item_bias + vectors[:, -1:]
    return raw


def ratings(
    mean: Float32,
    item_bias: Float32,
    item_factors: Float32,
    vectors: Float32,
    item_indices: Indices,
) -> Float32:
    """Of each vector [n or 1, rank + 1] for its item [n], float32[n]; item -1 adds nothing."""
    known = item_indices >= 0
    factors = item_factors[item_indices] * known[:, None]
    raw: Float32 = mean + item_bias[item_indices] * known + vectors[:, -1]
    if factors.shape[1]:  # einsum reads an element of an empty array too, and 0 · nan is nan
        raw += np.einsum("nr,nr->n", np.broadcast_to(vectors[:, :-1], factors.shape), factors)
    return raw
