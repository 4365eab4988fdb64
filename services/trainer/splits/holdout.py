"""Splits interactions into a part to fit models to and a part to evaluate them on.

Every split is a mask bool[n] over the rows: what is held out. Rows are given by `user_indices`
int32[n] and `occurred_at` int64[n], epoch milliseconds.
"""

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices, Mask

Moments = NDArray[np.int64]
HeldOut = Mask


def last_of_each_user(
    user_indices: Indices, occurred_at: Moments, fraction: float, rng: np.random.Generator
) -> HeldOut:
    """Which rows are the last `fraction` of their user's.

    Rows of one moment are in random order, so that data without times is split at random and a
    basket is not cut where its file happened to list it. The share is rounded to whole rows: at
    10 %, users with fewer than 5 keep all for training.
    """
    counts = _share(np.bincount(user_indices), fraction)
    return _places_from_end(user_indices, occurred_at, rng) <= counts[user_indices]


def last_rows_of_each_user(
    user_indices: Indices, occurred_at: Moments, count: int, rng: np.random.Generator
) -> HeldOut:
    """Which rows are the last `count` of a user who has more than that (1: leave one out).

    Who has `count` or fewer keeps all for training. Rows of one moment are in random order.
    """
    has_more = np.bincount(user_indices) > count
    return (_places_from_end(user_indices, occurred_at, rng) <= count) & has_more[user_indices]


def last_in_time(occurred_at: Moments, fraction: float) -> HeldOut:
    """Which rows come after all but `fraction` of them; rows of one moment stay together."""
    if not len(occurred_at):
        return np.zeros(0, dtype=np.bool_)
    return occurred_at > np.quantile(occurred_at, 1 - fraction, method="lower")


def random(n: int, fraction: float, rng: np.random.Generator) -> HeldOut:
    """A random `fraction` of `n` rows, whoever they belong to, rounded to whole rows."""
    mask = np.zeros(n, dtype=np.bool_)
    mask[rng.permutation(n)[: _share(np.array([n]), fraction)[0]]] = True
    return mask


def _places_from_end(
    user_indices: Indices, occurred_at: Moments, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Each row's place in its user's history counted from the end, int64[n]; the last row is 1."""
    order = np.lexsort((rng.random(len(user_indices)), occurred_at, user_indices))
    ends = np.cumsum(np.bincount(user_indices))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = ends[user_indices[order]] - np.arange(len(order))
    return places


def _share(rows: NDArray[np.int64], fraction: float) -> NDArray[np.int64]:
    """`fraction` of so many rows, halves upwards: numpy's own rounding takes 2.5 to 2."""
    shares: NDArray[np.int64] = np.floor(rows * fraction + 0.5).astype(np.int64)
    return shares
