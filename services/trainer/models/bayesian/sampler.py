"""The sampler: everything is drawn in turn from its distribution given all the rest.

rating = mean + deviation · (p_u · q_i + b_u + b_i + noise)
(p_u, b_u) ~ Normal(μ + Bᵀx_u, Λ⁻¹), and items likewise
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import embedding

from services.trainer.data.ratings import Ratings
from services.trainer.models.bayesian.side_prior import Features, Regression, SidePrior
from services.trainer.models.solver import Chunk, Prior, SparseRows, Workers, solve_rows

START_SPREAD = 0.3  # of the factors, standardized ratings
START_PRECISION = 5.0  # of the prior in the first half sweep, before Λ is drawn
START_NOISE = 1.5  # precision of a standardized rating


@dataclass
class Side:
    """One side of the matrix: its ratings, what is known of its rows, and where the chain is."""

    histories: SparseRows
    features: Features
    regression: Regression
    rows: Tensor
    prior: SidePrior

    def draw(self, other: Tensor, noise: float, workers: Workers, rng: np.random.Generator) -> None:
        """The side's prior given its rows, then its rows given the other side's."""
        self.prior = self.regression.draw(self.rows.cpu(), rng)
        normal = torch.from_numpy(rng.standard_normal(tuple(self.rows.shape), dtype=np.float32))
        scaled = normal.to(workers.device) / noise**0.5
        prior = self._scaled_prior(noise, workers.device)
        self.rows = solve_rows(self.histories, *_as_table(other), prior, workers, noise=scaled)

    def _scaled_prior(self, noise: float, device: torch.device) -> Prior:
        """In units of the noise, in which `solve_rows` weighs ratings."""
        precision = (self.prior.precision / noise).float()
        return Prior(precision.to(device), mean=self.prior.mean(self.features).to(device))


def _as_table(rows: Tensor) -> tuple[Tensor, Tensor]:
    """What a side is to the other: its factors and a 1 for the other's bias; its own bias."""
    return torch.cat([rows[:, :-1], torch.ones_like(rows[:, -1:])], dim=1), rows[:, -1]


@dataclass
class Chain:
    """The state of the sampler; `noise` is the precision of a standardized rating."""

    users: Side
    items: Side
    noise: float
    workers: Workers
    rng: np.random.Generator

    def sweep(self) -> None:
        """Draw everything but the noise once."""
        self.items.draw(self.users.rows, self.noise, self.workers, self.rng)
        self.users.draw(self.items.rows, self.noise, self.workers, self.rng)

    def draw_noise(self) -> None:
        """Given all else; it costs a pass over the ratings."""
        table = _as_table(self.items.rows)
        histories = self.users.histories
        squares = squared_residuals(histories, self.users.rows, *table, self.workers)
        events = float(histories.lengths.sum(dtype=torch.float64))
        self.noise = float(self.rng.gamma(1 + events / 2)) / (1 + squares / 2)


def squared_residuals(
    histories: SparseRows, rows: Tensor, features: Tensor, offsets: Tensor, workers: Workers
) -> float:
    """Σ over all events (value - offsets[column] - features[column] · rows[row])²."""
    table = torch.cat([features, offsets[:, None]], dim=1)
    table = torch.cat([table, torch.zeros_like(table[:1])])  # what padding points to
    weights = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)[:, :, None]
    sums = torch.zeros(len(histories.chunks), dtype=torch.float64)
    workers.run(
        partial(_sum_squares, chunk, table, weights, sums[number : number + 1])
        for number, chunk in enumerate(histories.chunks)
    )
    return float(sums.sum())


def _sum_squares(chunk: Chunk, table: Tensor, weights: Tensor, total: Tensor) -> None:
    predicted = (embedding(chunk.columns, table) @ weights[chunk.rows])[:, :, 0]
    total[0] = ((chunk.values - predicted) ** 2).sum()


def start(
    ratings: Ratings,
    rank: int,
    user_features: Features,
    item_features: Features,
    workers: Workers,
    rng: np.random.Generator,
) -> Chain:
    """A chain before its first sweep."""
    mean, deviation = np.float32(ratings.mean()), np.float32(ratings.standard_deviation())
    values = (ratings.values - mean) / deviation
    users, items, shape = ratings.user_indices, ratings.item_indices, ratings.shape
    unknowns, device = rank + 1, workers.device
    by_user = SparseRows(users, items, values, shape, device, unknowns=unknowns)
    by_item = SparseRows(items, users, values, shape[::-1], device, unknowns=unknowns)
    return Chain(
        users=_start_side(by_user, user_features, unknowns, device, rng),
        items=_start_side(by_item, item_features, unknowns, device, rng),
        noise=START_NOISE,
        workers=workers,
        rng=rng,
    )


def _start_side(
    histories: SparseRows,
    features: Features,
    unknowns: int,
    device: torch.device,
    rng: np.random.Generator,
) -> Side:
    rows = START_SPREAD * rng.standard_normal((histories.shape[0], unknowns), dtype=np.float32)
    rows[:, -1] = 0  # the bias
    prior = SidePrior.around_zero(features, unknowns, START_PRECISION)
    return Side(histories, features, Regression(features), torch.from_numpy(rows).to(device), prior)
