"""How many people wanted an item lately: the baseline beside every number; and how many more or
fewer of those like somebody, where attributes of users are learned from."""

import numpy as np
from numpy.typing import NDArray

from services.trainer.dataset import Dataset
from services.trainer.item_sets import ItemSets
from services.trainer.lifts import fit_lifts
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.histories import DAY_MS, DISLIKE, Indices, pair_keys
from shared.scorers import Popularity


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> Popularity:
    """Each user who did anything but dislike an item counts once, by the age of the last event.

    Age is from the newest event of all data, settings.popularity_half_life_days of it halve.
    Without such days, or where data has no times, nothing ages. What people with an attribute want
    does not age.
    """
    users, items, occurred_at = _newest(dataset)
    weights = _weights(dataset, occurred_at, settings)
    counts = np.bincount(items, weights=weights, minlength=len(dataset.items))
    wanted = ItemSets.from_pairs(users, items, len(dataset.users))
    rng = np.random.default_rng(settings.seed)
    lifts = fit_lifts(wanted, dataset.of_users.values, len(dataset.items), rng)
    return Popularity(counts.astype(np.float32), lifts, dataset.histories)


def _newest(dataset: Dataset) -> tuple[Indices, Indices, NDArray[np.int64]]:
    """Of each user and item the newest event that is no dislike: user, item and time, [n] each."""
    events = dataset.interactions
    wanted = np.flatnonzero(events.event_codes != DISLIKE)
    order = wanted[np.argsort(events.occurred_at[wanted], kind="stable")][::-1]
    items = events.item_indices[order]
    pairs = pair_keys(events.user_indices[order], items, len(dataset.items))
    newest = order[np.unique(pairs, return_index=True)[1]]
    return events.user_indices[newest], events.item_indices[newest], events.occurred_at[newest]


def _weights(
    dataset: Dataset, occurred_at: NDArray[np.int64], settings: TrainerSettings
) -> NDArray[np.float64]:
    if not dataset.is_timed or settings.popularity_half_life_days is None:
        return np.ones(len(occurred_at))
    age = dataset.interactions.occurred_at.max() - occurred_at
    aged: NDArray[np.float64] = 0.5 ** (age / (settings.popularity_half_life_days * DAY_MS))
    return aged
