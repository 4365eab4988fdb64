"""Fits implicit matrix factorizations by alternating least squares (ials.py).

Over what users wanted (target 1) and disliked (target 0), each with its confidence c, it minimises

    Σ c (target - p_u · q_i)²  +  w Σ over all pairs (p_u · q_i)²
    + λ Σ over users (C_u + w items) |p_u|²  +  λ Σ over items (C_i + w users) |q_i|²

with C the sum of a row's confidences. w and λ follow from the data (`Weights.of`). Users are
solved last, so that a user's vector is the same function of a history that a fold-in computes;
where recency counts, it counts in that last solve alone: items are what they are to all their
users.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.trainer.models.solver import Prior, SparseRows, Workers, solve_rows
from shared.arrays.types import Float32
from shared.progress import progress
from shared.scorers import ImplicitFactorization
from shared.scorers.histories import Histories, decayed


@dataclass(frozen=True)
class Weights:
    """w and λ of the objective."""

    unobserved: float
    regularization: float

    @classmethod
    def of(
        cls, histories: Histories, items: int, unobserved_mass: float, shrinkage: float
    ) -> "Weights":
        """What suits the data's size.

        All pairs together weigh `unobserved_mass` times what all interactions do. The product of
        the two weights is a soft threshold on the singular values of what is learned; the noise
        of a sparse random matrix has a largest one of about the root of the mean row and that of
        the mean column together, and `shrinkage` is in its unit. On MovieLens 1M this comes to the
        weights that were found there by hand (.31 and .007).
        """
        users = len(histories)
        total = float(histories.confidences.sum(dtype=np.float64)) or 1.0
        unobserved = unobserved_mass * total / (users * items)
        scale = (total / users + unobserved * items) * (total / items + unobserved * users)
        noise = (total / users) ** 0.5 + (total / items) ** 0.5
        return cls(unobserved, shrinkage * noise / scale**0.5)


@dataclass(frozen=True)
class LeastSquares:
    """The problems of all users or of all items: their rows, the penalty of each
    float32[rows, 1], and w."""

    rows: SparseRows
    ridge: Tensor
    unobserved: float

    def solve(self, other: Tensor, workers: Workers) -> Tensor:
        """The factors of these rows, given those of the other side."""
        prior = Prior(precision=self.unobserved * other.T @ other, ridge=self.ridge)
        return solve_rows(self.rows, other, other.new_zeros(len(other)), prior, workers)


@dataclass(frozen=True)
class Objective:
    """What is minimised: over which histories of how many items, in how many factors."""

    histories: Histories
    n_items: int
    rank: int
    weights: Weights
    device: torch.device

    def of_users(self, recency: float) -> LeastSquares:
        """The users' problems, with what `recency` leaves of their histories."""
        rows, columns = self.histories.user_indices(), self.histories.item_indices
        confidences = decayed(self.histories.confidences, self.histories.recency_ranks, recency)
        return self._problems(rows, columns, confidences, (len(self.histories), self.n_items))

    def of_items(self) -> LeastSquares:
        """The items' problems, with all that their users did."""
        rows, columns = self.histories.item_indices, self.histories.user_indices()
        shape = (self.n_items, len(self.histories))
        return self._problems(rows, columns, self.histories.confidences, shape)

    def _problems(
        self,
        rows: NDArray[np.int32],
        columns: NDArray[np.int32],
        confidences: Float32,
        shape: tuple[int, int],
    ) -> LeastSquares:
        known = np.bincount(rows, weights=confidences, minlength=shape[0])
        ridge = self.weights.regularization * (known + self.weights.unobserved * shape[1])
        return LeastSquares(
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
        self, item_factors: Tensor, users: LeastSquares, recency: float, workers: Workers
    ) -> ImplicitFactorization:
        """What serves these items, its users solved last."""
        penalty = [self.weights.unobserved * self.n_items, self.weights.regularization]
        gram = self.weights.unobserved * item_factors.T @ item_factors
        return ImplicitFactorization(
            user_factors=users.solve(item_factors, workers).cpu().numpy(),
            item_factors=item_factors.cpu().numpy(),
            gram=gram.cpu().numpy(),
            penalty=np.array(penalty, dtype=np.float32),
            recency=np.array([recency], dtype=np.float32),
        )


def factorize(
    histories: Histories,
    n_items: int,
    rank: int,
    weights: Weights,
    *,
    recency: float,
    sweeps: int,
    seed: int,
    workers: Workers,
    what: str,
) -> ImplicitFactorization:
    """The factorization of the histories after so many `sweeps`. `what` names the bar."""
    objective = Objective(histories, n_items, rank, weights, workers.device)
    users, items = objective.of_users(math.inf), objective.of_items()
    item_factors = _start(n_items, rank, seed, workers.device)
    with progress(what, sweeps, "sweeps") as advance:
        for _sweep in range(sweeps):
            user_factors = users.solve(item_factors, workers)
            item_factors = items.solve(user_factors, workers)
            advance(1)
    last = users if math.isinf(recency) else objective.of_users(recency)
    return objective.scorer(item_factors, last, recency, workers)


def solve_users(
    scorer: ImplicitFactorization, histories: Histories, recency: float, workers: Workers
) -> ImplicitFactorization:
    """The same items, and users solved anew with what `recency` leaves of their histories."""
    n_items, rank = scorer.item_factors.shape
    mass, regularization = scorer.penalty.tolist()
    weights = Weights(mass / n_items, regularization)
    objective = Objective(histories, n_items, rank, weights, workers.device)
    item_factors = torch.from_numpy(scorer.item_factors).to(workers.device)
    return objective.scorer(item_factors, objective.of_users(recency), recency, workers)


def _start(rows: int, rank: int, seed: int, device: torch.device) -> Tensor:
    # Drawn on the CPU, so that every device starts from the same numbers.
    factors = torch.randn(rows, rank, generator=torch.Generator().manual_seed(seed))
    return factors.mul_(0.1 / rank**0.5).to(device)
