import ctypes

import numpy as np

from shared.scorers import biased


def test_without_factors_no_memory_is_read_that_nobody_wrote() -> None:
    """numpy's einsum reads one element of an empty array, and 0 · nan is nan: once in some 250
    processes, by where their memory lies."""
    mean, bias = np.array([3], dtype=np.float32), np.array([0, 0.5], dtype=np.float32)
    no_factors, vectors = np.empty((2, 0), dtype=np.float32), np.ones((2, 1), dtype=np.float32)
    _leave_nan_behind()
    rated = biased.ratings(mean, bias, no_factors, vectors, np.array([1, -1]))
    assert rated.tolist() == [4.5, 4]


def _leave_nan_behind() -> None:
    """In the blocks that empty arrays are made of next; malloc's smallest has 24 bytes."""
    blocks = [np.empty(0, dtype=np.float32) for _ in range(16)]
    for block in blocks:
        ctypes.memset(block.ctypes.data, 0xFF, 4)
