"""Which pairs were rated at all, as features: what SVD++ learns from (Koren 2008), but as a
function of a history, so that a stranger has it too."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from services.trainer.data.ratings import Ratings
from services.trainer.models.bayesian.side_prior import Features
from shared.arrays.types import Float32
from shared.scorers.bayesian_factorization import reliability

OVERSAMPLING = 16  # vectors beyond those that are wanted, for the last ones' accuracy
ITERATIONS = 4


@dataclass(frozen=True)
class Implicit:
    """Features of the rows: `users` [users, size], `items` [items, size], variance 1 on average.

    A user's are the sum of its items' rows of `basis` [items, size], over √(how many). float32.
    """

    basis: Float32
    users: Float32
    items: Float32


def implicit_features(
    ratings: Ratings, user_size: int, item_size: int, rng: np.random.Generator
) -> Implicit:
    """By the leading singular vectors of the binary matrix, each entry divided by the square root
    of its user's and its item's number of ratings."""
    per_user = _root_counts(ratings.user_indices, ratings.shape[0])
    per_item = _root_counts(ratings.item_indices, ratings.shape[1])
    where = torch.from_numpy(np.stack([ratings.user_indices, ratings.item_indices]).astype("i8"))
    values = torch.from_numpy(1 / (per_user[ratings.user_indices] * per_item[ratings.item_indices]))
    normalized = _sparse(where, values, ratings.shape)
    binary = _sparse(where, torch.ones_like(values), ratings.shape)
    left, right = singular_vectors(normalized, max(user_size, item_size), rng)
    user_basis = right[:, :user_size] / torch.from_numpy(per_item)[:, None]
    item_basis = left[:, :item_size] / torch.from_numpy(per_user)[:, None]
    users = ((binary @ user_basis).numpy() / per_user[:, None]).astype(np.float32)
    items = ((binary.T @ item_basis).numpy() / per_item[:, None]).astype(np.float32)
    return Implicit(
        basis=(user_basis.numpy() / _spread(users)).astype(np.float32),
        users=users / _spread(users),
        items=items / _spread(items),
    )


def user_features(
    implicit: Implicit, ratings: Ratings, attributes: Float32
) -> tuple[Features, Float32]:
    """The users' features, and what the first two groups of them are centred on, float32[size + 1].

    What few ratings say is drawn towards the centre, for strangers' sake.
    """
    return _side_features(implicit.users, ratings.user_indices, attributes, reliability)


def item_features(implicit: Implicit, ratings: Ratings, attributes: Float32) -> Features:
    """The items' features: nobody folds in an item, and drawing them to the centre costs .001."""
    return _side_features(implicit.items, ratings.item_indices, attributes, np.sign)[0]


def _side_features(
    implicit: Float32,
    indices: NDArray[np.int32],
    attributes: Float32,
    trust: Callable[[Float32], Float32],
) -> tuple[Features, Float32]:
    """In groups: implicit ones and the log of how many ratings, centred on the mean of the rows
    that have any and times the `trust` in so many; attributes."""
    counts = np.bincount(indices, minlength=len(implicit)).astype(np.float32)
    known = np.hstack([implicit, np.log1p(counts)[:, None]])
    centre = known[counts > 0].mean(axis=0)
    values = (known - centre) * trust(counts)[:, None]
    groups = [values[:, :-1], values[:, -1:]]
    return Features.of([*groups, attributes] if attributes.shape[1] else groups), centre


def _root_counts(indices: NDArray[np.int32], rows: int) -> Float32:
    return np.sqrt(np.maximum(np.bincount(indices, minlength=rows), 1)).astype(np.float32)


def _sparse(where: Tensor, values: Tensor, shape: tuple[int, int]) -> Tensor:
    return torch.sparse_coo_tensor(where, values, shape, check_invariants=True).coalesce()


def _spread(features: Float32) -> np.float32:
    return np.float32(np.sqrt(features.var(axis=0).mean())) or np.float32(1)


def singular_vectors(matrix: Tensor, size: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The leading left and right ones of a sparse matrix, [rows, size] and [columns, size].

    Randomized subspace iteration (Halko, Martinsson & Tropp 2011). Where the matrix has fewer,
    the rest is 0.
    """
    rows, columns = matrix.shape
    width = min(size + OVERSAMPLING, rows, columns)
    transposed = matrix.T.coalesce()
    right = torch.from_numpy(rng.standard_normal((columns, width), dtype=np.float32))
    for _iteration in range(ITERATIONS):
        left = torch.linalg.qr(matrix @ right).Q
        right = torch.linalg.qr(transposed @ left).Q
    u, _, vh = torch.linalg.svd(matrix @ right, full_matrices=False)
    return _widened(u, size), _widened(right @ vh.T, size)


def _widened(vectors: Tensor, size: int) -> Tensor:
    missing = max(0, size - vectors.shape[1])
    return torch.cat([vectors[:, :size], vectors.new_zeros((len(vectors), missing))], dim=1)
