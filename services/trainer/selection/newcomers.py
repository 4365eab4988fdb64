"""How fast popularity should fade, for people who come later.

Newcomers are users whose first row is among the latest; they are shown the list of the moment
before these rows.
"""

import numpy as np

from services.trainer.data.dataset import Dataset
from services.trainer.data.item_sets import ItemSets
from services.trainer.data.positives import Positives
from services.trainer.metrics.ranking import evaluate_lists
from services.trainer.metrics.top_items import top_items
from services.trainer.settings import TrainerSettings
from shared.arrays.types import Float64, Mask
from shared.artifacts.metrics import NDCG, PLACES

LATEST = 0.1  # of all rows that have a time
FEWEST = 20  # newcomers; fewer say too little
HALF_LIVES = (None, 730.0, 365.0, 180.0, 90.0, 30.0, 7.0)
"""Days. With the best of them NDCG@10 of users who came later still was higher than with none, in
four windows each: by .080, .057, .064 and .001 on MovieLens 100K (30, 7, 30 and 90 days), by .090,
.064, .075 and .070 on latest-small (365, 365, 180 and 730 days)."""


def suited_to_newcomers(dataset: Dataset, settings: TrainerSettings) -> TrainerSettings:
    """With the half-life that is best for strangers, where that is left to auto.

    Models are measured against popularity that does not age: for those who are known it is the
    stronger baseline (.084 against .075 with 30 days on MovieLens latest-small).
    """
    if settings.popularity_half_life_days != "auto":
        return settings
    days = best_half_life(dataset) or "off"
    return settings.model_copy(update={"popularity_half_life_days": days})


def best_half_life(dataset: Dataset) -> float | None:
    """The half-life in days whose list is best for newcomers by NDCG@10, of equals the longest.

    None, no fading, also where there are no times or too few newcomers.
    """
    times = dataset.interactions.occurred_at
    latest = round(LATEST * np.count_nonzero(dataset.interactions.has_time))
    if not dataset.is_timed or latest < FEWEST:
        return None
    begin = int(np.sort(times)[-latest])
    positives = _of_newcomers(dataset, begin)
    if np.count_nonzero(positives.sizes()) < FEWEST or not (times < begin).any():
        return None
    before = Positives.of(dataset.subset(times < begin))
    worth = [_ndcg(before.popularity(days), positives, dataset.is_active) for days in HALF_LIVES]
    return HALF_LIVES[int(np.argmax(worth))]


def _of_newcomers(dataset: Dataset, begin: int) -> ItemSets:
    """The positives of each user, none for those who were there before `begin`."""
    events = dataset.interactions
    positives = Positives.of(dataset)
    known = events.user_indices[events.occurred_at < begin]
    new = ~np.isin(positives.user_indices, known)
    pairs = positives.user_indices[new], positives.item_indices[new]
    return ItemSets.from_pairs(*pairs, len(dataset.users)).within(dataset.is_active)


def _ndcg(popularity: Float64, positives: ItemSets, is_active: Mask) -> float:
    """Mean NDCG@10 of one list for all."""
    nobody = ItemSets.from_pairs(positives.item_indices[:0], positives.item_indices[:0], 1)
    best = top_items(popularity[None], PLACES, nobody, is_active)
    lists = np.broadcast_to(best, (len(positives), PLACES))
    return float(evaluate_lists(lists, positives, (PLACES,)).values[NDCG].mean())
