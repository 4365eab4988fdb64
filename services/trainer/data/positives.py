"""Positive feedback: which user did anything but dislike which item, and when last."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.dataset import Dataset
from services.trainer.data.item_sets import ItemSets
from shared.arrays.types import Float64, Indices
from shared.database.event_types import DISLIKE
from shared.scorers.histories import DAY_MS, NO_TIME, pair_keys


@dataclass(frozen=True)
class Positives:
    """The newest event of each user and item that is no dislike: user, item and time, [n] each.

    `occurred_at` is in epoch milliseconds or NO_TIME; `shape` is (users, items), `now` the newest
    time of all events, dislikes included.
    """

    user_indices: Indices
    item_indices: Indices
    occurred_at: NDArray[np.int64]
    shape: tuple[int, int]
    now: int

    @classmethod
    def of(cls, dataset: Dataset) -> "Positives":
        events = dataset.interactions
        rows = np.flatnonzero(events.event_codes != DISLIKE)
        order = rows[np.argsort(events.occurred_at[rows], kind="stable")][::-1]
        item_indices = events.item_indices[order]
        pairs = pair_keys(events.user_indices[order], item_indices, len(dataset.items))
        newest = order[np.unique(pairs, return_index=True)[1]]
        return cls(
            events.user_indices[newest],
            events.item_indices[newest],
            events.occurred_at[newest],
            shape=dataset.shape,
            now=int(events.occurred_at.max(initial=0)),
        )

    def item_sets(self) -> ItemSets:
        """The positive items of each user."""
        return ItemSets.from_pairs(self.user_indices, self.item_indices, self.shape[0])

    def popularity(self, half_life_days: float | None) -> Float64:
        """How many users each item is positive for, float64[items]; a user whose event is
        `half_life_days` older than `now` counts half, one without a time as the oldest that has
        one; None: all count alike."""
        weights = None
        if half_life_days is not None:
            timed = self.occurred_at != NO_TIME
            oldest = self.occurred_at[timed].min(initial=self.now)
            ages = self.now - np.where(timed, self.occurred_at, oldest)
            weights = 0.5 ** (ages / (half_life_days * DAY_MS))
        return np.bincount(self.item_indices, weights, self.shape[1]).astype(np.float64)
