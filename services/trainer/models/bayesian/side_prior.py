"""What a row of one side may be before its ratings are seen, and how that is drawn.

Rows are normal around a linear function of what is known of them (Simm et al. 2015, "Macau"; as
Bayesian factorization machines have it); without features this is Salakhutdinov & Mnih 2008.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shared.arrays.types import Float32

LOCATION_PRECISION = 1.0  # of μ, in units of Λ: one row's worth, next to hundreds


@dataclass(frozen=True)
class Features:
    """What is known of a side's rows: `values` float64[rows, features], around 0.

    `groups` int64[features] numbers the groups that share a prior precision.
    """

    values: Tensor
    groups: Tensor

    @classmethod
    def of(cls, groups: list[Float32]) -> "Features":
        """From float32[rows, features of the group] each."""
        sizes = torch.tensor([group.shape[1] for group in groups])
        values = torch.from_numpy(np.hstack(groups).astype(np.float64))
        return cls(values, torch.repeat_interleave(torch.arange(len(groups)), sizes))


@dataclass(frozen=True)
class SidePrior:
    """Rows are Normal(`location` + features · `weights`, `precision`⁻¹), float64.

    `location` [k], `weights` [features, k], `precision` [k, k].
    """

    location: Tensor
    weights: Tensor
    precision: Tensor

    @classmethod
    def around_zero(cls, features: Features, unknowns: int, precision: float) -> "SidePrior":
        """The same for every row and in every direction."""
        return cls(
            location=torch.zeros(unknowns, dtype=torch.float64),
            weights=torch.zeros((len(features.groups), unknowns), dtype=torch.float64),
            precision=precision * torch.eye(unknowns, dtype=torch.float64),
        )

    def mean(self, features: Features) -> Tensor:
        """The prior mean of each row, float32[rows, k]."""
        return (features.values @ self.weights + self.location).float()


class Regression:
    """Draws a side's prior given its rows: multivariate regression with conjugate priors.

    (μ, B) is matrix normal, its row precisions LOCATION_PRECISION and one for each group of
    features, Gamma(1, 1) a priori; Λ is Wishart(I, k), and drawn with (μ, B) integrated out.
    Products are torch's: two numpy threads collapse like two of torch, and Workers sets one.
    """

    def __init__(self, features: Features) -> None:
        ones = torch.ones_like(features.values[:, :1])
        self._design = torch.cat([ones, features.values], dim=1)
        self._gram = self._design.T @ self._design
        self._groups = features.groups
        self._sizes = torch.bincount(features.groups)
        self._group_precision = torch.full((len(self._sizes),), 10.0, dtype=torch.float64)

    def draw(self, rows: Tensor, rng: np.random.Generator) -> SidePrior:
        """Given `rows` float32[n, k]."""
        rows = rows.double()
        unknowns = rows.shape[1]
        factor = torch.linalg.cholesky(self._gram + torch.diag(self._penalty()))
        half = torch.linalg.solve_triangular(factor, self._design.T @ rows, upper=False)
        scatter = torch.eye(unknowns, dtype=torch.float64) + rows.T @ rows - half.T @ half
        root = wishart_root(scatter, unknowns + len(rows), rng)
        normal = torch.from_numpy(rng.standard_normal(tuple(half.shape)))
        half = half + torch.linalg.solve(root, normal, left=False)
        coefficients = torch.linalg.solve_triangular(factor.T, half, upper=True)
        self._draw_group_precision(coefficients[1:] @ root, rng)
        return SidePrior(coefficients[0], coefficients[1:], root @ root.T)

    def _penalty(self) -> Tensor:
        location = torch.tensor([LOCATION_PRECISION], dtype=torch.float64)
        return torch.cat([location, self._group_precision[self._groups]])

    def _draw_group_precision(self, whitened: Tensor, rng: np.random.Generator) -> None:
        squares = torch.zeros_like(self._group_precision)
        squares.index_add_(0, self._groups, (whitened**2).sum(dim=1))
        shape = 1 + self._sizes * whitened.shape[1] / 2
        self._group_precision = torch.from_numpy(rng.gamma(shape.numpy())) / (1 + squares / 2)


def wishart_root(scatter: Tensor, freedom: int, rng: np.random.Generator) -> Tensor:
    """R float64[k, k] with R Rᵀ ~ Wishart(scatter⁻¹, freedom) (Bartlett's decomposition)."""
    k = len(scatter)
    lower = np.tril(rng.standard_normal((k, k)), -1)
    lower[np.diag_indices(k)] = np.sqrt(rng.chisquare(freedom - np.arange(k)))
    upper = torch.linalg.cholesky(scatter).T
    root: Tensor = torch.linalg.solve_triangular(upper, torch.from_numpy(lower), upper=True)
    return root
