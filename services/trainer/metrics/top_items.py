"""Lists of the items with the highest scores, as they are served.

A block of users has lists int[n, K]: the item indices of each user's list, best first, none twice,
-1 where a list is shorter.
"""

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.item_sets import ItemSets
from shared.arrays.types import Indices, Mask
from shared.scorers.top_k import top_k

Lists = Indices


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
    allowed = scores.copy()
    if is_active is not None:
        allowed[:, ~is_active] = -np.inf
    allowed[excluded.owners(), excluded.item_indices] = -np.inf
    return top_k(allowed, k)[0].astype(np.int64)
