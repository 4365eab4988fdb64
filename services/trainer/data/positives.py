"""Who wanted what, and when last."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.dataset import Dataset
from services.trainer.data.item_sets import ItemSets
from shared.arrays.types import Float64, Indices
from shared.database.event_types import DISLIKE
from shared.scorers.histories import DAY_MS, pair_keys


@dataclass(frozen=True)
class Wants:
    """Of each user and item the newest event that is no dislike: user, item and time, [n] each.

    `shape` is users and items, `now` the newest time of all events, dislikes included.
    """

    user_indices: Indices
    item_indices: Indices
    occurred_at: NDArray[np.int64]
    shape: tuple[int, int]
    now: int

    @classmethod
    def of(cls, dataset: Dataset) -> "Wants":
        events = dataset.interactions
        wanted = np.flatnonzero(events.event_codes != DISLIKE)
        order = wanted[np.argsort(events.occurred_at[wanted], kind="stable")][::-1]
        items = events.item_indices[order]
        pairs = pair_keys(events.user_indices[order], items, len(dataset.items))
        newest = order[np.unique(pairs, return_index=True)[1]]
        return cls(
            events.user_indices[newest],
            events.item_indices[newest],
            events.occurred_at[newest],
            shape=dataset.shape,
            now=int(events.occurred_at.max(initial=0)),
        )

    def item_sets(self) -> ItemSets:
        """The items that each user wanted."""
        return ItemSets.from_pairs(self.user_indices, self.item_indices, self.shape[0])

    def popularity(self, half_life_days: float | None) -> Float64:
        """How many users wanted each item, float64[items]; after so many days before `now` a user
        counts half, None: nobody fades."""
        weights = None
        if half_life_days is not None:
            weights = 0.5 ** ((self.now - self.occurred_at) / (half_life_days * DAY_MS))
        return np.bincount(self.item_indices, weights, self.shape[1]).astype(np.float64)
