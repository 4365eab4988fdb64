"""Splits ratings into a part to learn from and a part to be measured on."""

import numpy as np
from numpy.typing import NDArray

from services.trainer.ratings import Ratings


def has_times(ratings: Ratings) -> bool:
    """Whether times tell an order: most users who have several ratings have several times.

    A file without times gives all its rows one moment, and its order is no order in time.
    """
    spread = np.zeros(ratings.shape[0], dtype=np.int64)
    earliest = np.full(ratings.shape[0], np.iinfo(np.int64).max)
    np.minimum.at(earliest, ratings.user_indices, ratings.occurred_at)
    np.maximum.at(
        spread, ratings.user_indices, ratings.occurred_at - earliest[ratings.user_indices]
    )
    several = np.bincount(ratings.user_indices, minlength=ratings.shape[0]) > 1
    return bool(np.count_nonzero(spread[several]) * 2 > np.count_nonzero(several))


def last_of_each_user(
    ratings: Ratings, fraction: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which ratings are the last `fraction` of their user's, bool[n].

    Equal times are in random order, so that ratings without times are split at random. The share
    is rounded to whole ratings: at 10 %, users with fewer than 5 keep all for training.
    """
    order = np.lexsort((rng.random(len(ratings)), ratings.occurred_at, ratings.user_indices))
    lengths = np.bincount(ratings.user_indices, minlength=ratings.shape[0])
    ends = np.cumsum(lengths)[ratings.user_indices[order]]
    left = ends - np.arange(len(ratings))  # 1 for a user's last rating
    held_out = np.floor(lengths * fraction + 0.5)[ratings.user_indices[order]]
    mask = np.empty(len(ratings), dtype=np.bool_)
    mask[order] = left <= held_out
    return mask


def last_in_time(ratings: Ratings, fraction: float) -> NDArray[np.bool_]:
    """Which ratings come after all but `fraction` of them, bool[n]; equal times stay together."""
    return ratings.occurred_at > np.quantile(ratings.occurred_at, 1 - fraction, method="lower")
