"""Lists of the items with the highest scores, as they are served.

A block of users has lists int[n, K]: the item indices of each user's list, best first, none twice,
-1 where a list is shorter.
"""

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.item_sets import ItemSets
from shared.arrays.types import Indices, Mask

Lists = Indices

NOWHERE = -1  # fills the places of a list that no item takes


def top_items(
    scores: NDArray[np.floating], k: int, excluded: ItemSets, is_active: Mask | None = None
) -> NDArray[np.int64]:
    """The `k` items with the highest of `scores` [n, items] for each user, int64[n, k], best first.

    Of equal scores the smaller index comes first, as in the lists that are served. Excluded items
    and those where `is_active` bool[items] is False are never shown. ValueError where a score is
    not finite: a model that diverged has no order.
    """
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    allowed = np.ones(scores.shape, dtype=np.bool_)
    if is_active is not None:
        allowed &= is_active
    allowed[excluded.owners(), excluded.item_indices] = False
    return _filled(_best(np.where(allowed, scores, -np.inf), allowed, k), k)


def _best(scores: NDArray[np.floating], allowed: Mask, k: int) -> NDArray[np.int64]:
    """The best min(k, items) of each row, -1 for what is not allowed and so scores -inf."""
    n_users, n_items = scores.shape
    places = min(k, n_items)
    chosen = np.nonzero(_first_k(scores, places))[1].reshape(n_users, places)
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(chosen, order, axis=1)
    return np.where(np.take_along_axis(allowed, best, axis=1), best, NOWHERE)


def _first_k(scores: NDArray[np.floating], k: int) -> Mask:
    """Where the k highest of each row are: of those that equal the k-th, the first in the row."""
    kth = np.partition(scores, -k, axis=1)[:, -k, np.newaxis]
    above, equal = scores > kth, scores == kth
    places = k - np.count_nonzero(above, axis=1, keepdims=True)
    first: Mask = equal & (np.cumsum(equal, axis=1, dtype=np.int32) <= places)
    return above | first


def _filled(lists: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    missing = ((0, 0), (0, k - lists.shape[1]))
    return np.pad(lists, missing, constant_values=NOWHERE)
