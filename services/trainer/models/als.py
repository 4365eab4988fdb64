"""Biased matrix factorization by alternating least squares (Koren, Bell & Volinsky 2009).

    rating ≈ mean + b_u + b_i + p_u · q_i

Given the items, each user's p_u and b_u are one small ridge regression, and the other way round;
all regressions of a side are solved in batches. Users are solved last, so that a user's vector is
the same function of a history that a fold-in computes.
"""

import torch
from torch import Tensor

from services.trainer.data.dataset import Dataset
from services.trainer.data.ratings import Ratings
from services.trainer.models.solver import Prior, SparseRows, Workers, solve_rows
from services.trainer.settings import TrainerSettings
from shared.progress import progress
from shared.scorers import MatrixFactorization


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> MatrixFactorization:
    """The factorization of the dataset's ratings with settings.als_rank factors."""
    return factorize(dataset.rated(), settings.als_rank, settings, workers, "fit als")


def factorize(
    ratings: Ratings, rank: int, settings: TrainerSettings, workers: Workers, what: str
) -> MatrixFactorization:
    """Alternate until settings.als_sweeps; rank 0 leaves the biases alone. `what` names the bar."""
    mean, deviation = ratings.mean(), ratings.standard_deviation()
    users, items, shape = ratings.user_indices, ratings.item_indices, ratings.shape
    standardized = (ratings.values - mean) / deviation
    device, unknowns = workers.device, rank + 1
    by_user = SparseRows(users, items, standardized, shape, device, unknowns=unknowns)
    by_item = SparseRows(items, users, standardized, shape[::-1], device, unknowns=unknowns)

    penalty = _penalty(rank, settings).to(device)
    item_side = _start(ratings.shape[1], rank, settings.seed, device)
    user_side = _solve(by_user, item_side, penalty, workers)
    with progress(what, settings.als_sweeps, "sweeps") as advance:
        for _sweep in range(settings.als_sweeps):
            item_side = _solve(by_item, user_side, penalty, workers)
            user_side = _solve(by_user, item_side, penalty, workers)
            advance(1)
    return _scorer(mean, deviation, user_side, item_side, penalty)


def _penalty(rank: int, settings: TrainerSettings) -> Tensor:
    """Of each factor and, last, the bias: once a row and once a rating, float32[2, rank + 1].

    The first is a Gaussian prior, the second the weighting of Zhou et al. 2008 (ALS-WR).
    """
    per_row = [settings.als_regularization] * rank + [settings.bias_regularization]
    per_rating = [settings.als_regularization_per_rating] * rank + [0.0]
    return torch.tensor([per_row, per_rating])


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
