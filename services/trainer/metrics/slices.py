"""Slices: metrics of a part of the users or of the items, whom a mean over all hides."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.ranking import RankingMetrics, Summary, evaluate_lists
from services.trainer.metrics.top_items import Lists
from shared.arrays.types import Indices, Mask


def activity_slices(training_rows: Indices) -> dict[str, Mask]:
    """Users by their number of rows in training, int[n]: without any, with any, and the latter in
    two halves; who has the median is in the less active one."""
    warm = training_rows > 0
    median = np.median(training_rows[warm]) if warm.any() else 0
    return {
        "cold": ~warm,
        "warm": warm,
        "less_active": warm & (training_rows <= median),
        "more_active": training_rows > median,
    }


def head_and_tail(popularity: Indices) -> dict[str, Mask]:
    """Items by popularity int[items]: the fewest that carry half of all interactions, the rest."""
    order = np.argsort(-popularity, kind="stable")
    before = np.cumsum(popularity[order]) - popularity[order]
    head = np.zeros(len(popularity), dtype=np.bool_)
    head[order] = before * 2 < popularity.sum()
    return {"head": head, "tail": ~head}


def by_user(metrics: RankingMetrics, slices: Mapping[str, Mask]) -> dict[str, Summary]:
    """The summary of each slice of users, bool[n of the block]."""
    return {name: metrics.summary(users) for name, users in slices.items()}


def recall_by_item(
    lists: Lists, relevant: ItemSets, slices: Mapping[str, Mask], ks: Sequence[int]
) -> dict[str, Summary]:
    """Recall of the relevant items in each slice, bool[items]: mean over the users who have any."""
    return {name: _recall(lists, relevant.within(items), ks) for name, items in slices.items()}


def _recall(lists: Lists, relevant: ItemSets, ks: Sequence[int]) -> Summary:
    summary = evaluate_lists(lists, relevant, ks).summary()
    return {name: value for name, value in summary.items() if name == "users" or "recall" in name}
