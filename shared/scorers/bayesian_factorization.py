"""Bayesian matrix factorization: samples of the items, and who users may be.

In each of S samples a user's unknowns (factors, then bias) are normal with mean location + x ·
weights before its ratings, where x = (what it rated, its attributes), and what it rated =
reliability(n) · ((Σ over its n rated items of basis / √n, log(1 + n)) - centre): 0 for a stranger.
Given its history they are normal again, and a prediction is the mean over samples of these
conditional means: the expectation, without drawing users.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from shared.arrays.types import Float32, Indices, Mask
from shared.scorers import biased, ridge
from shared.scorers.finite import require_finite
from shared.scorers.float_arrays import FloatArrays
from shared.scorers.histories import Histories, History, HistoryRows

RELIABLE_AT = 10.0
"""So many ratings say half of what many do. Without it strangers with 0 to 5 ratings are rated
worse than by the mean: RMSE 1.070 at 0 against .998 on MovieLens 100K, .991 against .975 at 5."""

BLOCK_ITEMS = 1024
"""Items whose samples are gathered at a time: 4 MB with 32 samples of 30 factors."""


def reliability(counts: Float32) -> Float32:
    """How far it is to be trusted which items a user has rated, or users an item; float32[n]."""
    weights: Float32 = counts / (counts + np.float32(RELIABLE_AT))
    return weights


@dataclass(frozen=True)
class BayesianFactorization(FloatArrays):
    """S samples of k = rank + 1 unknowns a row, for standardized ratings.

    Shapes, all float32 and finite; ValueError where they do not fit together: item_factors [items,
    S, rank], item_biases [items, S], user_location [S, k], user_weights [S, features, k],
    user_precision [S, k, k], noise_precision [S], basis [items, size], centre [size + 1], unit [2]
    (mean and deviation of the ratings). Features are size implicit ones, log(1 + n), attributes.

    `projection` [S · rank, R] and `projected_items` [items, R] score a large catalogue; both
    empty: every sample is scored. A vector is the user's factors of all samples side by side,
    projected where there is a projection, then the mean bias. Users have no side of their own:
    `histories` are theirs.
    """

    item_factors: Float32
    item_biases: Float32
    user_location: Float32
    user_weights: Float32
    user_precision: Float32
    noise_precision: Float32
    basis: Float32
    centre: Float32
    unit: Float32
    projection: Float32
    projected_items: Float32
    histories: Histories

    roles: ClassVar[frozenset[str]] = frozenset({"rating", "ranker"})

    def __post_init__(self) -> None:
        if not self._shapes_fit():
            raise ValueError("the samples of a Bayesian factorization do not fit together")
        require_finite(self.arrays(), "a Bayesian factorization")

    def _shapes_fit(self) -> bool:
        if self.item_factors.ndim != 3 or self.basis.ndim != 2 or self.user_weights.ndim != 3:
            return False
        items, samples, rank = self.item_factors.shape
        unknowns, size = rank + 1, self.basis.shape[1]
        projected = self.projection.shape, self.projected_items.shape
        return (
            self.item_biases.shape == (items, samples)
            and self.user_location.shape == (samples, unknowns)
            and self.user_weights.shape[::2] == (samples, unknowns)
            and self.user_weights.shape[1] > size
            and self.user_precision.shape == (samples, unknowns, unknowns)
            and self.noise_precision.shape == (samples,)
            and self.basis.shape == (items, size)
            and self.centre.shape == (size + 1,)
            and self.unit.shape == (2,)
            and projected
            in (
                ((0, 0), (0, 0)),
                ((samples * rank, self.projection.shape[-1]), (items, self.projection.shape[-1])),
            )
        )

    def with_projection(self, projection: Float32, projected_items: Float32) -> Self:
        """The same samples, scored by a projection."""
        return replace(self, projection=projection, projected_items=projected_items)

    @property
    def sampled_items(self) -> Float32:
        """The items' factors of all samples side by side, float32[items, S · rank]."""
        return self.item_factors.reshape(len(self.item_factors), -1)

    @cached_property
    def _mean_bias(self) -> Float32:
        bias: Float32 = self.unit[1] * self.item_biases.mean(axis=1)
        return bias

    @property
    def _scored_items(self) -> Float32:
        return self.projected_items if self.projected_items.size else self.sampled_items

    def vectors(self, user_indices: Indices) -> Float32:
        size = self._scored_items.shape[1] + 1
        vectors = np.empty((len(user_indices), size), dtype=np.float32)
        for row, user in enumerate(user_indices.tolist()):
            vectors[row] = self.fold_in(self.histories[user])
        return vectors

    def fold_in(self, history: History) -> Float32:
        means = self._conditional(history)[0]
        factors = means[:, :-1].ravel() * (self.unit[1] / len(means))
        if self.projection.size:
            factors = factors @ self.projection
        return np.append(factors, self.unit[1] * means[:, -1].mean()).astype(np.float32)

    def score(self, vectors: Float32, item_indices: Indices | None = None) -> Float32:
        items = self._mean_bias, self._scored_items
        return biased.scores(self.unit[:1], *items, vectors, item_indices)

    def rate(self, vectors: Float32, item_indices: Indices) -> Float32:
        items = self._mean_bias, self._scored_items
        return biased.ratings(self.unit[:1], *items, vectors, item_indices)

    def informative(self, rows: HistoryRows) -> Mask:
        return ~np.isnan(rows.ratings)

    def uncertainty(self, history: History, item_indices: Indices) -> Float32:
        """The standard deviation of the rating itself, noise included, float32[n].

        nan for an unknown item, -1.
        """
        noise = np.mean(1 / self.noise_precision)
        variances = self._variances(item_indices, *self._conditional(history)) + noise
        deviation: Float32 = self.unit[1] * np.sqrt(variances)
        return np.where(item_indices < 0, np.float32(np.nan), deviation)

    def score_std(self, history: History) -> Float32:
        conditional, items = self._conditional(history), np.arange(len(self.item_factors))
        variances = np.empty(len(items), dtype=np.float32)
        for begin in range(0, len(items), BLOCK_ITEMS):
            block = slice(begin, begin + BLOCK_ITEMS)
            variances[block] = self._variances(items[block], *conditional)
        deviation: Float32 = self.unit[1] * np.sqrt(variances)
        return deviation

    def _variances(self, item_indices: Indices, means: Float32, precision: Float32) -> Float32:
        """Of standardized ratings without their noise, float32[n], for a user's means and
        precisions.

        By the law of total variance: that of the conditional means over samples, and the mean
        over samples of the conditional variance.
        """
        items = self._sampled(item_indices)
        features = _with_one(items)
        expected = (features @ means[..., None])[..., 0] + items[..., -1]
        conditional = ridge.variances(precision, features) / self.noise_precision[:, None]
        variances: Float32 = expected.var(axis=0) + conditional.mean(axis=0)
        return variances

    def item_vectors(self, item_indices: Indices) -> Float32:
        return self._scored_items[item_indices]

    def _conditional(self, history: History) -> tuple[Float32, Float32]:
        """A user's means [S, k] and precisions [S, k, k], these in units of the noise."""
        rated = history.rated()
        items = self._sampled(rated.item_indices)
        targets = (rated.ratings - self.unit[0]) / self.unit[1] - items[..., -1]
        precision = self.user_precision / self.noise_precision[:, None, None]
        return ridge.posterior(_with_one(items), targets, precision, mean=self._prior_mean(rated))

    def _sampled(self, item_indices: Indices) -> Float32:
        """Factors and bias of items in each sample, float32[S, n, k]."""
        factors, biases = self.item_factors[item_indices], self.item_biases[item_indices]
        return np.concatenate([factors, biases[..., None]], axis=2).transpose(1, 0, 2)

    def _prior_mean(self, rated: History) -> Float32:
        n = np.array([len(rated)], dtype=np.float32)
        which = self.basis[rated.item_indices].sum(axis=0) / np.sqrt(np.maximum(n, 1))
        known = (np.append(which, np.log1p(n)) - self.centre) * reliability(n)
        features = np.zeros(self.user_weights.shape[1], dtype=np.float32)
        features[: len(known)] = known
        features[len(known) :] = rated.attributes if len(rated.attributes) else 0
        mean: Float32 = self.user_location + features @ self.user_weights
        return mean


def _with_one(items: Float32) -> Float32:
    """Features for a user: the items' factors, and a 1 for its own bias."""
    features = items.copy()
    features[..., -1] = 1
    return features
