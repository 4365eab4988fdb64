"""The item weights of EASE (ease.py).

Minimises ‖X - X B‖² + l2 ‖B‖² with a zero diagonal of B, where X are the histories: with
P = (XᵀX + l2 I)⁻¹ it is B = I - P / diag(P).
"""

import numpy as np
import torch
from torch import Tensor

from shared.arrays.types import Float32
from shared.scorers.histories import Histories

BLOCK_USERS = 1024  # dense rows at a time: 40 MB at ten thousand items


def item_weights(
    histories: Histories, items: int, *, penalty: float, exponent: float, device: torch.device
) -> Float32:
    """B, float32[items, items], with l2 = `penalty`.

    A user's row of X counts as in co_occurrences: with `exponent` 0 it is Steck's model.
    """
    gram = co_occurrences(histories, items, exponent, device)
    gram.diagonal().add_(penalty)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
    weights = inverse / -inverse.diagonal()
    weights.diagonal().zero_()
    array: Float32 = weights.cpu().numpy()
    return array


def co_occurrences(
    histories: Histories, items: int, exponent: float, device: torch.device
) -> Tensor:
    """XᵀWX, float32[items, items], W the weights of the users: (rows / mean rows) ^ -`exponent`."""
    lengths = np.diff(histories.offsets)
    weights = (np.maximum(lengths, 1) / max(lengths.mean(), 1)) ** -exponent
    gram = torch.zeros((items, items), device=device)
    for begin in range(0, len(histories), BLOCK_USERS):
        users = slice(begin, begin + BLOCK_USERS)
        rows = _dense(histories, users, items) * np.sqrt(weights[users])[:, None]
        block = torch.from_numpy(rows.astype(np.float32)).to(device)
        gram += block.T @ block
    return gram


def _dense(histories: Histories, users: slice, items: int) -> Float32:
    """The positives of the users of a slice, as float32[users, items]."""
    offsets = histories.offsets[users.start : users.stop + 1]
    inside = slice(offsets[0], offsets[-1])
    dense = np.zeros((len(offsets) - 1, items), dtype=np.float32)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    positives = histories.confidences[inside] * histories.preferences[inside]
    dense[rows, histories.item_indices[inside]] = positives
    return dense
