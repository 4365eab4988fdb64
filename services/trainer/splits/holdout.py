"""Splits interactions into a part to fit models to and a part to evaluate them on.

Every split is a mask bool[n] over the rows: what is held out. Rows are given by `user_indices`
int32[n] and `occurred_at` int64[n], epoch milliseconds or NO_TIME.
"""

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Indices, Mask
from shared.scorers.histories import NO_TIME

Moments = NDArray[np.int64]
HeldOut = Mask


def last_of_each_user(
    user_indices: Indices, occurred_at: Moments, fraction: float, rng: np.random.Generator
) -> HeldOut:
    """Which rows are the last `fraction` of their user's that have a time, and a random one of
    those that have none.

    Rows of one moment are in random order, so that a basket is not cut where its file happened to
    list it. The shares are rounded to whole rows: at 10 %, users with fewer than 5 rows of a kind
    keep them for training.
    """
    parts = 2 * user_indices.astype(np.int64) + (occurred_at != NO_TIME)
    counts = _share(np.bincount(parts), fraction)
    held_out: HeldOut = _places_from_end(parts, occurred_at, rng) <= counts[parts]
    return held_out


def last_rows_of_each_user(
    user_indices: Indices, occurred_at: Moments, count: int, rng: np.random.Generator
) -> HeldOut:
    """Which rows are the last `count` of a user who has more than that (1: leave one out).

    Who has `count` or fewer keeps all for training. Rows of one moment are in random order, and so
    are those without a time, which come before all others.
    """
    has_more = np.bincount(user_indices) > count
    return (_places_from_end(user_indices, occurred_at, rng) <= count) & has_more[user_indices]


def last_in_time(occurred_at: Moments, fraction: float) -> HeldOut:
    """Which rows come after all but `fraction` of those that have a time; rows of one moment stay
    together, those without a time before all others."""
    timed = occurred_at[occurred_at != NO_TIME]
    if not len(timed):
        return np.zeros(len(occurred_at), dtype=np.bool_)
    held_out: HeldOut = occurred_at > np.quantile(timed, 1 - fraction, method="lower")
    return held_out


def random(n: int, fraction: float, rng: np.random.Generator) -> HeldOut:
    """A random `fraction` of `n` rows, whoever they belong to, rounded to whole rows."""
    mask = np.zeros(n, dtype=np.bool_)
    mask[rng.permutation(n)[: _share(np.array([n]), fraction)[0]]] = True
    return mask


def _places_from_end(
    owners: Indices, occurred_at: Moments, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Each row's place in its owner's history counted from the end, int64[n]; the last row is 1."""
    order = np.lexsort((rng.random(len(owners)), occurred_at, owners))
    ends = np.cumsum(np.bincount(owners))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = ends[owners[order]] - np.arange(len(order))
    return places


def _share(rows: NDArray[np.int64], fraction: float) -> NDArray[np.int64]:
    """`fraction` of so many rows, halves upwards: numpy's own rounding takes 2.5 to 2."""
    shares: NDArray[np.int64] = np.floor(rows * fraction + 0.5).astype(np.int64)
    return shares
