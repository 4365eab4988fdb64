"""EASE: a linear item-item model in closed form (Steck 2019, Embarrassingly Shallow Autoencoders).

Minimises ‖X - X B‖² + l2 ‖B‖² with a zero diagonal of B, where X are the histories: with
P = (XᵀX + l2 I)⁻¹ it is B = I - P / diag(P).
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from services.trainer.data.dataset import Dataset
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.arrays.types import Float32
from shared.scorers import ItemWeights
from shared.scorers.histories import Histories

BLOCK_USERS = 1024  # dense rows at a time: 40 MB at ten thousand items


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> ItemWeights:
    """The weights of all items for each: memory and time grow with items² and items³.

    A user's row counts (rows / mean rows) ^ -settings.ease_activity_exponent: 0 is Steck's model.
    settings.ease_regularization is in mean users per item: 5 comes to l2 = 300 on MovieLens 100K
    and 1,350 on MovieLens 1M, where the best are 300 to 500 and 1,320.
    """
    histories, items = dataset.histories, len(dataset.items)
    gram = _gram(histories, items, settings.ease_activity_exponent, workers.device)
    gram.diagonal().add_(settings.ease_regularization * len(histories.item_indices) / items)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
    weights = inverse / -inverse.diagonal()
    weights.diagonal().zero_()
    return ItemWeights(
        weights=weights.cpu().numpy(),
        recency=np.array([settings.recency_half_life], dtype=np.float32),
        histories=histories,
    )


def with_recency(scorer: ItemWeights, recency: float) -> ItemWeights:
    """The same weights, and users with what `recency` leaves of their histories."""
    return replace(scorer, recency=np.array([recency], dtype=np.float32))


def _gram(histories: Histories, items: int, exponent: float, device: torch.device) -> Tensor:
    """XᵀWX, float32[items, items], W the weights of the users."""
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
    """What the users of a slice wanted, as float32[users, items]."""
    offsets = histories.offsets[users.start : users.stop + 1]
    inside = slice(offsets[0], offsets[-1])
    dense = np.zeros((len(offsets) - 1, items), dtype=np.float32)
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    wanted = histories.confidences[inside] * histories.preferences[inside]
    dense[rows, histories.item_indices[inside]] = wanted
    return dense
