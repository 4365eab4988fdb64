"""How many people wanted an item lately: the baseline beside every number."""

import numpy as np
from numpy.typing import NDArray

from services.trainer.dataset import Dataset
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.histories import DAY_MS, DISLIKE, pair_keys
from shared.scorers import Popularity


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> Popularity:
    """Each user who did anything but dislike an item counts once, by the age of the last event.

    Age is from the newest event of all data, settings.popularity_half_life_days of it halve.
    Without such days, or where data has no times, nothing ages.
    """
    events = dataset.interactions
    wanted = np.flatnonzero(events.event_codes != DISLIKE)
    order = wanted[np.argsort(events.occurred_at[wanted], kind="stable")][::-1]
    items = events.item_indices[order]
    pairs = pair_keys(events.user_indices[order], items, len(dataset.items))
    _, newest = np.unique(pairs, return_index=True)
    weights = _weights(dataset, events.occurred_at[order[newest]], settings)
    counts = np.bincount(items[newest], weights=weights, minlength=len(dataset.items))
    return Popularity(counts.astype(np.float32))


def _weights(
    dataset: Dataset, occurred_at: NDArray[np.int64], settings: TrainerSettings
) -> NDArray[np.float64]:
    if not dataset.is_timed or settings.popularity_half_life_days is None:
        return np.ones(len(occurred_at))
    age = dataset.interactions.occurred_at.max() - occurred_at
    aged: NDArray[np.float64] = 0.5 ** (age / (settings.popularity_half_life_days * DAY_MS))
    return aged
