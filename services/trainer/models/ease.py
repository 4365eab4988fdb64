"""EASE: a linear item-item model in closed form (Steck 2019, Embarrassingly Shallow Autoencoders).

Minimises ‖X - X B‖² + l2 ‖B‖² with a zero diagonal of B, where X are the histories: with
P = (XᵀX + l2 I)⁻¹ it is B = I - P / diag(P).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.trainer.dataset import Dataset
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.histories import Histories
from shared.scorers import ItemWeights

BLOCK_USERS = 1024  # dense rows at a time: 40 MB at ten thousand items


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> ItemWeights:
    """The weights of all items for each: memory and time grow with items² and items³."""
    gram = _gram(dataset.histories, len(dataset.items), workers.device)
    gram.diagonal().add_(settings.ease_regularization)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
    weights = inverse / -inverse.diagonal()
    weights.diagonal().zero_()
    return ItemWeights(weights.cpu().numpy(), dataset.histories)


def _gram(histories: Histories, items: int, device: torch.device) -> Tensor:
    """XᵀX, float32[items, items]."""
    gram = torch.zeros((items, items), device=device)
    for begin in range(0, len(histories), BLOCK_USERS):
        rows = _dense(histories, begin, min(begin + BLOCK_USERS, len(histories)), items)
        block = torch.from_numpy(rows).to(device)
        gram += block.T @ block
    return gram


def _dense(histories: Histories, begin: int, end: int, items: int) -> NDArray[np.float32]:
    """The histories of users begin … end - 1 as float32[users, items]."""
    offsets = histories.offsets[begin : end + 1]
    inside = slice(offsets[0], offsets[-1])
    dense = np.zeros((end - begin, items), dtype=np.float32)
    users = np.repeat(np.arange(end - begin), np.diff(offsets))
    dense[users, histories.item_indices[inside]] = (
        histories.confidences[inside] * histories.preferences[inside]
    )
    return dense
