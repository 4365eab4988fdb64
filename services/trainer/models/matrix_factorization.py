"""Fits biased matrix factorizations by alternating least squares (als.py, bias.py).

    rating ≈ mean + b_u + b_i + p_u · q_i

Given the items, each user's p_u and b_u are one small ridge regression, and the other way round;
all regressions of a side are solved in batches. Users are solved last, so that a user's vector is
the same function of a history that a fold-in computes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from services.trainer.data.ratings import Ratings
from services.trainer.models.solver import Prior, SparseRows, Workers, solve_rows
from shared.progress import progress
from shared.scorers import MatrixFactorization


@dataclass(frozen=True)
class Penalties:
    """Of each factor, once a row and once a rating of it, and of the bias, once a row."""

    factor: float
    factor_per_rating: float
    bias: float

    def tensor(self, rank: int) -> Tensor:
        """Of each factor and, last, the bias: once a row and once a rating, float32[2, rank + 1].

        The first is a Gaussian prior, the second the weighting of Zhou et al. 2008 (ALS-WR).
        """
        per_row = [self.factor] * rank + [self.bias]
        per_rating = [self.factor_per_rating] * rank + [0.0]
        return torch.tensor([per_row, per_rating])


def factorize(
    ratings: Ratings,
    rank: int,
    penalties: Penalties,
    *,
    sweeps: int,
    seed: int,
    workers: Workers,
    what: str,
) -> MatrixFactorization:
    """Alternate for so many `sweeps`; rank 0 leaves the biases alone. `what` names the bar."""
    mean, deviation = ratings.mean(), ratings.standard_deviation()
    users, items, shape = ratings.user_indices, ratings.item_indices, ratings.shape
    standardized = (ratings.values - mean) / deviation
    device, unknowns = workers.device, rank + 1
    by_user = SparseRows(users, items, standardized, shape, device, unknowns=unknowns)
    by_item = SparseRows(items, users, standardized, shape[::-1], device, unknowns=unknowns)

    penalty = penalties.tensor(rank).to(device)
    item_side = _start(ratings.shape[1], rank, seed, device)
    user_side = _solve(by_user, item_side, penalty, workers)
    with progress(what, sweeps, "sweeps") as advance:
        for _sweep in range(sweeps):
            item_side = _solve(by_item, user_side, penalty, workers)
            user_side = _solve(by_user, item_side, penalty, workers)
            advance(1)
    return _scorer(mean, deviation, user_side, item_side, penalty)


def _start(rows: int, rank: int, seed: int, device: torch.device) -> Tensor:
    # Drawn on the CPU, so that every device starts from the same numbers.
    factors = torch.randn(rows, rank, generator=torch.Generator().manual_seed(seed)) * 0.1
    return torch.cat([factors, torch.zeros(rows, 1)], dim=1).to(device)


def _solve(rows: SparseRows, other_side: Tensor, penalty: Tensor, workers: Workers) -> Tensor:
    factors, bias = other_side[:, :-1], other_side[:, -1]
    prior = Prior(precision=penalty[0].diag(), ridge=rows.lengths * penalty[1])
    features = torch.cat([factors, torch.ones_like(other_side[:, -1:])], dim=1)
    return solve_rows(rows, features, bias, prior, workers)


def _scorer(
    mean: float, deviation: float, user_side: Tensor, item_side: Tensor, penalty: Tensor
) -> MatrixFactorization:
    """Back to the ratings' own unit; users carry the factor that standardizing took out."""
    return MatrixFactorization(
        mean=torch.tensor([mean], dtype=torch.float32).numpy(),
        user_bias=(user_side[:, -1] * deviation).cpu().numpy(),
        item_bias=(item_side[:, -1] * deviation).cpu().numpy(),
        user_factors=(user_side[:, :-1] * deviation).cpu().numpy(),
        item_factors=item_side[:, :-1].contiguous().cpu().numpy(),
        penalty=penalty[0].cpu().numpy(),
        penalty_per_rating=penalty[1].cpu().numpy(),
    )
