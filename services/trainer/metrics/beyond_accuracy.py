"""Coverage, concentration, novelty and diversity of lists of items (top_items.py)."""

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.ranking import Summary
from services.trainer.metrics.top_items import Lists
from shared.arrays.types import Float64
from shared.scorers.top_k import NOWHERE

DIVERSE_LISTS = 10_000  # evenly spaced: a list costs as many steps as its items have users


def beyond_accuracy(lists: Lists, k: int, train: ItemSets, n_items: int) -> Summary:
    """What the first `k` places show of a catalogue of `n_items` items, relevant or not.

    `train` are the items of every user in training, whether they have a list or not. "diversity"
    is missing where no list has two items; it is the mean of up to DIVERSE_LISTS of them.
    """
    shown = lists[:, :k]
    diverse = diversity(shown[:: 1 + len(shown) // DIVERSE_LISTS], train, n_items)
    defined = diverse[~np.isnan(diverse)]
    counts = exposure(shown, n_items)
    return {
        f"coverage@{k}": coverage(counts),
        f"gini@{k}": gini(counts),
        f"novelty@{k}": novelty(shown, train, n_items),
    } | ({f"diversity@{k}": float(defined.mean())} if len(defined) else {})


def exposure(lists: Lists, n_items: int) -> NDArray[np.int64]:
    """How often each of `n_items` items is shown, int64[items]."""
    return np.bincount(lists[lists != NOWHERE], minlength=n_items)


def coverage(counts: NDArray[np.int64]) -> float:
    """The share of the catalogue that is shown to anyone; `counts` as of `exposure`."""
    return float(np.count_nonzero(counts) / len(counts))


def gini(counts: NDArray[np.int64]) -> float:
    """How unequally often items are shown: 0 where all are equally, 1 - 1 / items where one is.

    Over the whole catalogue: an item that nobody is shown counts.
    """
    n, shown = len(counts), counts.sum()
    if not shown:
        return 0.0
    ascending = np.sort(counts)
    return float(2 * np.arange(1, n + 1) @ ascending / (n * shown) - (n + 1) / n)


def novelty(lists: Lists, train: ItemSets, n_items: int) -> float:
    """Mean self-information of what is shown, in bits: 1 for an item that half of the users have
    (Zhou et al. 2010).

    Users are those with items in training. An item that none of them has counts as one that one
    user has: its true share is not known, and infinity would be the mean.
    """
    n_users = np.count_nonzero(train.sizes())
    share = np.maximum(train.popularity(n_items), 1) / max(n_users, 1)
    shown = lists[lists != NOWHERE]
    return float(-np.log2(share[shown]).mean()) if len(shown) else 0.0


def diversity(lists: Lists, train: ItemSets, n_items: int) -> Float64:
    """Mean distance of the items of each list from one another, float64[n]; nan with fewer than 2.

    Distance is 1 - cosine of the users who have the one and the other in training. Categories
    would be coarser and are missing from most data; this needs interactions alone. An item that
    nobody has is at distance 1 from all.
    """
    users_of = _users_of(train, n_items)
    return np.array([_diversity([users_of[item] for item in row[row >= 0]]) for row in lists])


def _users_of(train: ItemSets, n_items: int) -> list[NDArray[np.int64]]:
    """The users who have each item."""
    order = np.argsort(train.item_indices, kind="stable")
    return np.split(train.owners()[order], np.cumsum(train.popularity(n_items))[:-1])


def _diversity(columns: list[NDArray[np.int64]]) -> float:
    """1 - mean cosine of all pairs of columns, each given by the users where it is 1.

    The cosines of all pairs, each column with itself included, add up to the squared length of the
    sum of the columns brought to length 1.
    """
    if len(columns) < 2:
        return np.nan
    sizes = np.array([len(column) for column in columns])
    weights = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes)
    total = np.bincount(np.concatenate(columns), weights)
    similar = total @ total - np.count_nonzero(sizes)
    return float(1 - similar / (len(columns) * (len(columns) - 1)))
