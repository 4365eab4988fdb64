"""Ranking metrics: how good lists of items (top_items.py) are against what their users did next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.top_items import Lists
from shared.arrays.types import Float64, Mask
from shared.scorers.top_k import NOWHERE

Summary = dict[str, float]


@dataclass(frozen=True)
class RankingMetrics:
    """The metrics of each user's list.

    `rows` int64[m] are the rows of the block that have something to find, `left_out` counts those
    that have nothing; `values` maps a name such as "ndcg@10" to one value for each of them,
    float64[m].
    """

    rows: NDArray[np.int64]
    left_out: int
    values: dict[str, Float64]

    def summary(self, users: Mask | None = None) -> Summary:
        """The number of users and their mean of each metric; of those where `users` bool[n] of the
        block holds. Without any there is only "users": 0."""
        chosen = np.ones(len(self.rows), dtype=np.bool_) if users is None else users[self.rows]
        if not chosen.any():
            return {"users": 0}
        means = {name: float(values[chosen].mean()) for name, values in self.values.items()}
        return {"users": int(np.count_nonzero(chosen))} | means


def evaluate_lists(lists: Lists, relevant: ItemSets, ks: Sequence[int]) -> RankingMetrics:
    """NDCG, recall, precision, hit rate and reciprocal rank of the first k places, for each k.

    ndcg       an item at place p gains 1 / log2(1 + p) (Järvelin & Kekäläinen 2002, binary gain),
               over what the best list gains: its first min(k, relevant) places all hit
    recall     found / relevant. Some divide by min(k, relevant) so that 1 can be reached; this is
               the definition of trec_eval, grows with k, and means the same for every k
    precision  found / k, also where a list is shorter or fewer than k items are relevant
    hit_rate   1 where anything was found
    mrr        1 / place of the first item found, 0 without one

    Who has nothing relevant has no value in any of them and is left out. ValueError where a list
    has fewer than k places.
    """
    if max(ks) > lists.shape[1]:
        raise ValueError(f"lists of {lists.shape[1]} places cannot be measured at {max(ks)}")
    rows = np.flatnonzero(relevant.sizes())
    found, sizes = hits(lists, relevant)[rows], relevant.sizes()[rows]
    values: dict[str, Float64] = {}
    for k in ks:
        at_k = _accuracy(found[:, :k], sizes)
        values |= {f"{name}@{k}": column for name, column in at_k.items()}
    return RankingMetrics(rows, len(relevant) - len(rows), values)


def hits(lists: Lists, relevant: ItemSets) -> Mask:
    """Which places of each list hold a relevant item, bool[n, K]."""
    n_items = 1 + max(lists.max(initial=0), relevant.item_indices.max(initial=0))
    relevant_keys = relevant.owners() * n_items + relevant.item_indices
    shown_keys = np.arange(len(lists))[:, np.newaxis] * n_items + lists
    found: Mask = np.isin(shown_keys, relevant_keys) & (lists != NOWHERE)
    return found


def _accuracy(found: Mask, sizes: NDArray[np.int64]) -> dict[str, Float64]:
    """Each metric over all places of `found` bool[m, k], where `sizes` int64[m] are relevant."""
    k = found.shape[1]
    gains = _gains(np.arange(1, k + 1))
    ideal = np.cumsum(gains)[np.minimum(k, sizes) - 1]
    count, hit = np.count_nonzero(found, axis=1), found.any(axis=1)
    return {
        "ndcg": found @ gains / ideal,
        "recall": count / sizes,
        "precision": count / k,
        "hit_rate": hit.astype(np.float64),
        "mrr": hit / (1 + np.argmax(found, axis=1)),
    }


def _gains(places: NDArray[np.int64]) -> Float64:
    """What a hit at each place is worth; the first place is 1."""
    return 1 / np.log2(1 + places)


def leave_one_out_rank(
    positive: NDArray[np.floating],
    negatives: NDArray[np.floating],
    positive_ids: NDArray[np.generic],
    negative_ids: NDArray[np.generic],
) -> NDArray[np.int64]:
    """The place of each user's held-out item among sampled others, int64[n], 1 the best.

    `positive` [n] and `negatives` [n, m] are scores. A negative that is the positive itself is not
    compared: in the published data of Neural Collaborative Filtering (He et al. 2017) 156 of 6,040
    users have one. With this rule EASE (l2 1320) has HR@10 .7192 and NDCG@10 .4494, as published;
    counting it against the positive gives .7185 and .4466, leaving those users out .7184 and .4496.
    An equal score counts against the positive, so that a model that cannot tell is not the best;
    so does nan.
    """
    same = negative_ids == positive_ids[:, np.newaxis]
    ahead = ~(negatives < positive[:, np.newaxis]) & ~same
    ranks: NDArray[np.int64] = 1 + np.count_nonzero(ahead, axis=1)
    return ranks


def leave_one_out(ranks: NDArray[np.int64], ks: Sequence[int]) -> dict[str, Float64]:
    """Hit rate and NDCG at each k of one relevant item a user, at `ranks` int64[n]; float64[n]."""
    values: dict[str, Float64] = {}
    for k in ks:
        values[f"hit_rate@{k}"] = (ranks <= k).astype(np.float64)
        values[f"ndcg@{k}"] = np.where(ranks <= k, _gains(ranks), 0)
    return values
