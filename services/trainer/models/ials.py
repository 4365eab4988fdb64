"""Implicit matrix factorization by alternating least squares (Hu, Koren & Volinsky 2008), with the
frequency-scaled regularization of Rendle, Krichene, Zhang & Koren 2021.

Over what users wanted (target 1) and disliked (target 0), each with its confidence c, it minimises

    Σ c (target - p_u · q_i)²  +  w Σ over all pairs (p_u · q_i)²
    + λ Σ over users (C_u + w items)^ν |p_u|²  +  λ Σ over items (C_i + w users)^ν |q_i|²

with C the sum of a row's confidences. Users are solved last, so that a user's vector is the same
function of a history that a fold-in computes.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.trainer.dataset import Dataset
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Prior, SparseRows, Workers, solve_rows
from shared.progress import progress
from shared.scorers import ImplicitFactorization


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> ImplicitFactorization:
    """The factorization of the dataset's histories with settings.ials_rank factors."""
    items, rank = dataset.shape[1], settings.ials_rank
    penalty = Penalty(
        settings.ials_unobserved_weight, settings.ials_regularization, settings.ials_exponent
    )
    user_side, item_side = _sides(dataset, rank, workers.device, penalty)
    item_factors = _start(items, rank, settings.seed, workers.device)
    user_factors = user_side.solve(item_factors, workers)
    with progress("fit ials", settings.ials_sweeps, "sweeps") as advance:
        for _sweep in range(settings.ials_sweeps):
            item_factors = item_side.solve(user_factors, workers)
            user_factors = user_side.solve(item_factors, workers)
            advance(1)
    return ImplicitFactorization(
        user_factors=user_factors.cpu().numpy(),
        item_factors=item_factors.cpu().numpy(),
        gram=(penalty.unobserved_weight * item_factors.T @ item_factors).cpu().numpy(),
        penalty=np.array(
            [penalty.unobserved_weight * items, penalty.regularization, penalty.exponent],
            dtype=np.float32,
        ),
    )


@dataclass(frozen=True)
class Penalty:
    """w, λ and ν of the objective."""

    unobserved_weight: float
    regularization: float
    exponent: float

    def ridge(self, confidence: Tensor, columns: int) -> Tensor:
        """Each row's own penalty, float32[rows, 1], from the sum of its confidences."""
        known = confidence + self.unobserved_weight * columns
        return known.pow(self.exponent) * self.regularization


@dataclass(frozen=True)
class Side:
    """The users or the items: their rows, and the penalty of each."""

    rows: SparseRows
    ridge: Tensor
    unobserved_weight: float

    def solve(self, other: Tensor, workers: Workers) -> Tensor:
        """This side's factors, given the other's."""
        prior = Prior(precision=self.unobserved_weight * other.T @ other, ridge=self.ridge)
        return solve_rows(self.rows, other, other.new_zeros(len(other)), prior, workers)


def _sides(
    dataset: Dataset, rank: int, device: torch.device, penalty: Penalty
) -> tuple[Side, Side]:
    histories = dataset.histories
    users, items = histories.user_indices(), histories.item_indices

    def side(rows: NDArray[np.int32], columns: NDArray[np.int32], shape: tuple[int, int]) -> Side:
        confidence = np.bincount(rows, weights=histories.confidences, minlength=shape[0])
        confidence_column = torch.from_numpy(confidence.astype(np.float32)[:, None]).to(device)
        return Side(
            rows=SparseRows(
                rows,
                columns,
                histories.preferences.astype(np.float32),
                shape,
                device,
                unknowns=rank,
                confidences=histories.confidences,
            ),
            ridge=penalty.ridge(confidence_column, shape[1]),
            unobserved_weight=penalty.unobserved_weight,
        )

    return side(users, items, dataset.shape), side(items, users, dataset.shape[::-1])


def _start(rows: int, rank: int, seed: int, device: torch.device) -> Tensor:
    # Drawn on the CPU, so that every device starts from the same numbers.
    factors = torch.randn(rows, rank, generator=torch.Generator().manual_seed(seed))
    return factors.mul_(0.1 / rank**0.5).to(device)
