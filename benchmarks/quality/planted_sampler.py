"""A Gibbs sampler that is told how the generated data was made, but not what was drawn.

It knows the covariances of users and items, the categories and the noise of
services/generator/generating/population.py: what `bayesian` has to find out. A user's unknowns are
its taste, a liking for each category and a bias; an item's are its style and a bias.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.generator.generating import population
from services.trainer.models.solver import Prior, SparseRows, Workers, solve_rows
from services.trainer.selection.evaluation import Examination
from shared.arrays.types import Float32, Float64
from shared.artifacts.truth import Truth

BURN_IN, KEPT = 40, 400
RANK, CATEGORIES = population.TASTE_RANK, 3
# Rounding to half stars adds the variance of a uniform distribution.
NOISE = population.RESPONSE.noise**2 + population.RESPONSE.step**2 / 12


def predict(examination: Examination, truth: Truth, seed: int) -> Float64:
    """The expected rating of each of the examination's rated pairs."""
    rng, workers = np.random.default_rng(seed), Workers(torch.device("cpu"), 2)
    users, items, _ratings = examination.rated_pairs
    sampler = Sampler.of(examination, truth, workers, rng)
    total = np.zeros(len(users))
    for sweep in range(BURN_IN + KEPT):
        expected = sampler.sweep()
        if sweep >= BURN_IN:
            table, bias = sampler.items()
            rows = (expected[users] * table[items]).sum(dim=1) + bias[items]
            total += rows.double().numpy()
    return sampler.mean + total / KEPT


@dataclass
class Sampler:
    """The state: `styles` float32[items, RANK + 1], the last column biases around `level`."""

    by_user: SparseRows
    users: NDArray[np.int32]
    indices: NDArray[np.int32]
    values: Float32
    shape: tuple[int, int]
    categories: Tensor
    styles: Tensor
    level: float
    mean: float
    workers: Workers
    rng: np.random.Generator

    @classmethod
    def of(
        cls, examination: Examination, truth: Truth, workers: Workers, rng: np.random.Generator
    ) -> "Sampler":
        """Before the first sweep."""
        ratings, mean = examination.train.rated(), examination.train.rated().mean()
        known = truth.item_categories[truth.items.find_all(examination.train.items)]
        values = (ratings.values - np.float32(mean)).astype(np.float32)
        pairs = ratings.user_indices, ratings.item_indices
        unknowns = RANK + CATEGORIES + 1
        return cls(
            SparseRows(*pairs, values, ratings.shape, workers.device, unknowns=unknowns),
            *pairs,
            values,
            ratings.shape,
            categories=torch.from_numpy(np.eye(CATEGORIES, dtype=np.float32)[known]),
            styles=_draws(rng, ratings.shape[1], RANK + 1) * 0.3,
            level=0.0,
            mean=mean,
            workers=workers,
            rng=rng,
        )

    def items(self) -> tuple[Tensor, Tensor]:
        """What items are to users: styles, categories and a 1 for the bias; their own biases."""
        ones = torch.ones((self.shape[1], 1))
        return torch.cat([self.styles[:, :RANK], self.categories, ones], dim=1), self.styles[
            :, RANK
        ]

    def sweep(self) -> Tensor:
        """Draw users and items once; the users' expectations before that, given the items."""
        table, prior = self.items(), _user_prior(self.shape[0])
        expected = solve_rows(self.by_user, *table, prior, self.workers)
        noise = _draws(self.rng, *expected.shape) * NOISE**0.5
        drawn = solve_rows(self.by_user, *table, prior, self.workers, noise)
        self._draw_items(drawn)
        return expected

    def _draw_items(self, users: Tensor) -> None:
        """From what the users' biases and likings leave unexplained."""
        liking = (users[:, RANK:-1][self.users] * self.categories[self.indices]).sum(dim=1)
        rest = self.values - (users[:, -1][self.users] + liking).numpy()
        pairs = self.indices, self.users
        device = self.workers.device
        rows = SparseRows(*pairs, rest, self.shape[::-1], device, unknowns=RANK + 1)
        ones = torch.ones((self.shape[0], 1))
        table = torch.cat([users[:, :RANK], ones], dim=1)
        prior = _item_prior(self.shape[1], self.level)
        noise = _draws(self.rng, self.shape[1], RANK + 1) * NOISE**0.5
        self.styles = solve_rows(rows, table, torch.zeros(len(ones)), prior, self.workers, noise)
        spread = population.QUALITY_SPREAD / self.shape[1] ** 0.5
        self.level = float(self.styles[:, RANK].mean()) + spread * self.rng.standard_normal()


def _draws(rng: np.random.Generator, rows: int, columns: int) -> Tensor:
    return torch.from_numpy(rng.standard_normal((rows, columns), dtype=np.float32))


def _user_prior(users: int) -> Prior:
    """Everyone belongs to one of the groups, which likes its own category more."""
    own = population.OWN_CATEGORY
    between = np.eye(CATEGORIES) / CATEGORIES - 1 / CATEGORIES**2
    covariance = np.eye(RANK + CATEGORIES + 1)
    likings = slice(RANK, RANK + CATEGORIES)
    covariance[likings, likings] *= population.AFFINITY_SPREAD**2
    covariance[likings, likings] += own**2 * between
    covariance[-1, -1] = population.USER_SPREAD**2
    mean = torch.zeros((users, len(covariance)))
    mean[:, likings] = own / CATEGORIES
    return Prior(_precision(covariance), mean=mean)


def _item_prior(items: int, level: float) -> Prior:
    style = population.TASTE_SPREAD**2 / RANK
    mean = torch.zeros((items, RANK + 1))
    mean[:, RANK] = level
    return Prior(_precision(np.diag([style] * RANK + [population.QUALITY_SPREAD**2])), mean=mean)


def _precision(covariance: Float64) -> Tensor:
    """In units of the noise."""
    return torch.from_numpy((np.linalg.inv(covariance) * NOISE).astype(np.float32))
