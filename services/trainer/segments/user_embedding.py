"""Where users stand: the principal axes of the ranker's scores.

Users are compared by the ranker's scores as served, so that every ranker is treated alike and no
declared attribute of anybody goes in.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float32

Scores = Callable[[NDArray[np.int64]], Float32]
"""The ranker's scores of all items for user indices int64[n], float32[n, items]."""

AXES_FROM = 2000  # users; axes from more of them are the same
BLOCK_USERS = 512  # 40 MB of scores at twenty thousand items
AXES = 8  # enough for ten groups; fewer halve groups along a taste, more hide those of ML-1M


def embed(scores: Scores, user_indices: NDArray[np.int64], rng: np.random.Generator) -> Float32:
    """The places of users on the principal axes of their scores, float32[users, k ≤ 8].

    Every user's scores are standardized (how active they are goes), the direction of the mean
    user is taken out of them (popularity goes, also how much of it a user has), and what is left,
    the personal part, gets length one.
    """
    sample = user_indices
    if len(user_indices) > AXES_FROM:
        sample = rng.choice(user_indices, AXES_FROM, replace=False)
    rows = _concatenated([_standardized(scores(block)) for block in _blocks(np.sort(sample))])
    popular = _unit_length(rows.sum(axis=0, keepdims=True))
    axes = _principal_axes(_personal(rows, popular))
    blocks = (_standardized(scores(block)) for block in _blocks(user_indices))
    return _concatenated([_personal(block, popular) @ axes for block in blocks])


def _personal(rows: Float32, popular: Float32) -> Float32:
    """Standardized scores without their part along `popular` [1, items], of length one."""
    return _unit_length(rows - rows @ popular.T * popular)


def _blocks(user_indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.array_split(user_indices, max(1, -(-len(user_indices) // BLOCK_USERS)))


def _concatenated(blocks: Sequence[Float32]) -> Float32:
    return np.concatenate(blocks).astype(np.float32)


def _standardized(rows: Float32) -> Float32:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return _divided(centred, centred.std(axis=1, keepdims=True))


def _unit_length(rows: Float32) -> Float32:
    # Standardized scores are of size one: a difference that is rounding is none.
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return _divided(rows, np.where(lengths > 1e-4, lengths, 0))


def _divided(rows: Float32, by: Float32) -> Float32:
    """Rows over their scale; zeros where that is 0."""
    return np.divide(rows, by, out=np.zeros_like(rows), where=by > 0)


def _principal_axes(rows: Float32) -> Float32:
    """The directions of most variance, float32[items, k], from the smaller of the two Grams."""
    n_users, n_items = rows.shape
    if n_items <= n_users:
        return np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :AXES]
    variances, weights = np.linalg.eigh(rows @ rows.T)
    axes = rows.T @ weights[:, ::-1][:, :AXES]
    return _divided(axes, np.sqrt(np.maximum(variances[::-1][:AXES], 0)))
