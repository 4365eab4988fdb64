"""Implicit matrix factorization by alternating least squares (Hu, Koren & Volinsky 2008), with the
frequency-scaled regularization of Rendle, Krichene, Zhang & Koren 2021.

Over what users wanted (target 1) and disliked (target 0), each with its confidence c, it minimises

    Σ c (target - p_u · q_i)²  +  w Σ over all pairs (p_u · q_i)²
    + λ Σ over users (C_u + w items) |p_u|²  +  λ Σ over items (C_i + w users) |q_i|²

with C the sum of a row's confidences. w and λ follow from the data (`Weights.of`). Users are solved
last, so that a user's vector is the same function of a history that a fold-in computes; where
recency counts, it counts in that last solve alone: items are what they are to all their users.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.trainer.data.dataset import Dataset
from services.trainer.models.solver import Prior, SparseRows, Workers, solve_rows
from services.trainer.settings import TrainerSettings
from shared.arrays.types import Float32
from shared.progress import progress
from shared.scorers import ImplicitFactorization
from shared.scorers.histories import Histories, decayed

SHRINKAGE = 0.45  # NDCG is within 2 % of its best for .3 to .6 on five data sets
LARGE = 200_000  # interactions
LARGE_SHRINKAGE = 0.4  # the best on a validation part of MovieLens 1M
SMALL_RANK, LARGE_RANK = 64, 192


@dataclass(frozen=True)
class Weights:
    """w and λ of the objective."""

    unobserved: float
    regularization: float

    @classmethod
    def of(cls, dataset: Dataset, settings: TrainerSettings) -> "Weights":
        """What suits the data's size.

        All pairs together weigh settings.ials_unobserved_mass times what all interactions do. The
        product of the two penalties is a soft threshold on the singular values of what is
        learned; the noise of a sparse random matrix has a largest one of about the root of the
        mean row and that of the mean column together, and settings.ials_shrinkage is in its unit.
        On MovieLens 1M this comes to the weights that were found there by hand (.31 and .007).
        """
        users, items = dataset.shape
        total = float(dataset.histories.confidences.sum(dtype=np.float64)) or 1.0
        unobserved = settings.ials_unobserved_mass * total / (users * items)
        scale = (total / users + unobserved * items) * (total / items + unobserved * users)
        noise = (total / users) ** 0.5 + (total / items) ** 0.5
        return cls(unobserved, shrinkage(dataset, settings) * noise / scale**0.5)


@dataclass(frozen=True)
class Side:
    """The users or the items: their rows, the penalty of each float32[rows, 1], and w."""

    rows: SparseRows
    ridge: Tensor
    unobserved: float

    def solve(self, other: Tensor, workers: Workers) -> Tensor:
        """This side's factors, given the other's."""
        prior = Prior(precision=self.unobserved * other.T @ other, ridge=self.ridge)
        return solve_rows(self.rows, other, other.new_zeros(len(other)), prior, workers)


def shrinkage(dataset: Dataset, settings: TrainerSettings) -> float:
    """settings.ials_shrinkage, or what suits most data of this size."""
    if settings.ials_shrinkage != "auto":
        return settings.ials_shrinkage
    return SHRINKAGE if len(dataset.interactions) < LARGE else LARGE_SHRINKAGE


def rank(dataset: Dataset, settings: TrainerSettings) -> int:
    """How many factors: settings.ials_rank, or what the number of interactions can fill."""
    few = len(dataset.interactions) < LARGE
    return settings.ials_rank or (SMALL_RANK if few else LARGE_RANK)


@dataclass(frozen=True)
class Problem:
    """What is factorized, and how: histories over so many `items`, in `rank` factors."""

    histories: Histories
    items: int
    weights: Weights
    rank: int
    device: torch.device

    def user_side(self, recency: float) -> Side:
        """The users, with what `recency` leaves of their histories."""
        rows, columns = self.histories.user_indices(), self.histories.item_indices
        confidences = decayed(self.histories.confidences, self.histories.recency_ranks, recency)
        return self._side(rows, columns, confidences, (len(self.histories), self.items))

    def item_side(self) -> Side:
        """The items, with all that their users did."""
        rows, columns = self.histories.item_indices, self.histories.user_indices()
        shape = (self.items, len(self.histories))
        return self._side(rows, columns, self.histories.confidences, shape)

    def _side(
        self,
        rows: NDArray[np.int32],
        columns: NDArray[np.int32],
        confidences: Float32,
        shape: tuple[int, int],
    ) -> Side:
        known = np.bincount(rows, weights=confidences, minlength=shape[0])
        ridge = self.weights.regularization * (known + self.weights.unobserved * shape[1])
        return Side(
            rows=SparseRows(
                rows,
                columns,
                self.histories.preferences.astype(np.float32),
                shape,
                self.device,
                unknowns=self.rank,
                confidences=confidences,
            ),
            ridge=torch.from_numpy(ridge.astype(np.float32)[:, None]).to(self.device),
            unobserved=self.weights.unobserved,
        )

    def scorer(
        self, item_factors: Tensor, users: Side, recency: float, workers: Workers
    ) -> ImplicitFactorization:
        """What serves these items, its users solved last."""
        penalty = [self.weights.unobserved * self.items, self.weights.regularization]
        gram = self.weights.unobserved * item_factors.T @ item_factors
        return ImplicitFactorization(
            user_factors=users.solve(item_factors, workers).cpu().numpy(),
            item_factors=item_factors.cpu().numpy(),
            gram=gram.cpu().numpy(),
            penalty=np.array(penalty, dtype=np.float32),
            recency=np.array([recency], dtype=np.float32),
        )


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> ImplicitFactorization:
    """The factorization of the dataset's histories with settings.ials_rank factors."""
    items, factors = len(dataset.items), rank(dataset, settings)
    weights = Weights.of(dataset, settings)
    problem = Problem(dataset.histories, items, weights, factors, workers.device)
    users, item_side = problem.user_side(math.inf), problem.item_side()
    item_factors = _start(items, factors, settings.seed, workers.device)
    with progress("fit ials", settings.ials_sweeps, "sweeps") as advance:
        for _sweep in range(settings.ials_sweeps):
            user_factors = users.solve(item_factors, workers)
            item_factors = item_side.solve(user_factors, workers)
            advance(1)
    recency = settings.recency_half_life
    last = users if math.isinf(recency) else problem.user_side(recency)
    return problem.scorer(item_factors, last, recency, workers)


def with_recency(
    scorer: ImplicitFactorization, histories: Histories, recency: float, workers: Workers
) -> ImplicitFactorization:
    """The same items, and users solved anew with what `recency` leaves of their histories."""
    items, factors = scorer.item_factors.shape
    mass, regularization = scorer.penalty.tolist()
    weights = Weights(mass / items, regularization)
    problem = Problem(histories, items, weights, factors, workers.device)
    item_factors = torch.from_numpy(scorer.item_factors).to(workers.device)
    return problem.scorer(item_factors, problem.user_side(recency), recency, workers)


def _start(rows: int, rank: int, seed: int, device: torch.device) -> Tensor:
    # Drawn on the CPU, so that every device starts from the same numbers.
    factors = torch.randn(rows, rank, generator=torch.Generator().manual_seed(seed))
    return factors.mul_(0.1 / rank**0.5).to(device)
