"""How good lists of items are: against what users did next, and what the lists show.

A block of users has `lists` int[n, K], the item indices of each user's list, best first, none
twice, -1 where a list is shorter; and for each of the same n users a set of items, `ItemSets`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.integer]
Mask = NDArray[np.bool_]
Lists = NDArray[np.integer]
Summary = dict[str, float]

NOWHERE = -1  # fills the places of a list that no item takes


@dataclass(frozen=True)
class ItemSets:
    """A set of items for each of n users, one after another: those of row r are
    `item_indices[offsets[r] : offsets[r + 1]]`, none twice; `offsets` int64[n + 1]."""

    offsets: NDArray[np.int64]
    item_indices: Indices

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @classmethod
    def from_pairs(cls, user_indices: Indices, item_indices: Indices, users: int) -> "ItemSets":
        """From pairs in any order; what stands twice counts once."""
        items = 1 + int(item_indices.max(initial=0))
        pairs = np.sort(user_indices.astype(np.int64) * items + item_indices)
        owners, kept = np.divmod(pairs[np.diff(pairs, prepend=-1) > 0], items)
        return cls(_offsets(owners, users), kept)

    def sizes(self) -> NDArray[np.int64]:
        """How many items each user has, int64[n]."""
        return np.diff(self.offsets)

    def owners(self) -> NDArray[np.int64]:
        """The row that each item belongs to, int64[items of all]."""
        return np.repeat(np.arange(len(self)), self.sizes())

    def of(self, rows: Indices) -> "ItemSets":
        """The sets of these users, in this order."""
        sizes = self.sizes()[rows]
        offsets = np.append(0, np.cumsum(sizes))
        shift = np.repeat(self.offsets[rows] - offsets[:-1], sizes)
        return ItemSets(offsets, self.item_indices[shift + np.arange(offsets[-1])])

    def within(self, items: Mask) -> "ItemSets":
        """The sets without the items for which `items` bool[items] is False."""
        kept = items[self.item_indices]
        return ItemSets(_offsets(self.owners()[kept], len(self)), self.item_indices[kept])

    def popularity(self, items: int) -> NDArray[np.int64]:
        """How many users have each of `items` items, int64[items]."""
        return np.bincount(self.item_indices, minlength=items)


def _offsets(owners: Indices, users: int) -> NDArray[np.int64]:
    return np.append(0, np.cumsum(np.bincount(owners, minlength=users)))


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
    users, items = scores.shape
    chosen = np.nonzero(_first_k(scores, min(k, items)))[1].reshape(users, -1)
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


@dataclass(frozen=True)
class Measured:
    """What the lists of some users are worth.

    `rows` int64[m] are the rows of the block that could be measured, `left_out` how many had
    nothing to find; `values` maps a name such as "ndcg@10" to one value for each of them,
    float64[m].
    """

    rows: NDArray[np.int64]
    left_out: int
    values: dict[str, Floats]

    def summary(self, users: Mask | None = None) -> Summary:
        """How many users were measured and the mean of each metric; of those where `users` bool[n]
        of the block holds. Without any there is only "users": 0."""
        chosen = np.ones(len(self.rows), dtype=np.bool_) if users is None else users[self.rows]
        if not chosen.any():
            return {"users": 0}
        means = {name: float(values[chosen].mean()) for name, values in self.values.items()}
        return {"users": int(np.count_nonzero(chosen))} | means


def measure(lists: Lists, relevant: ItemSets, ks: Sequence[int]) -> Measured:
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
    values: dict[str, Floats] = {}
    for k in ks:
        at_k = _accuracy(found[:, :k], sizes)
        values |= {f"{name}@{k}": column for name, column in at_k.items()}
    return Measured(rows, len(relevant) - len(rows), values)


def hits(lists: Lists, relevant: ItemSets) -> Mask:
    """Which places of each list hold a relevant item, bool[n, K]."""
    items = 1 + max(lists.max(initial=0), relevant.item_indices.max(initial=0))
    wanted = relevant.owners() * items + relevant.item_indices
    shown = np.arange(len(lists))[:, np.newaxis] * items + lists
    found: Mask = np.isin(shown, wanted) & (lists != NOWHERE)
    return found


def _accuracy(found: Mask, sizes: NDArray[np.int64]) -> dict[str, Floats]:
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


def _gains(places: NDArray[np.int64]) -> Floats:
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


def leave_one_out(ranks: NDArray[np.int64], ks: Sequence[int]) -> dict[str, Floats]:
    """Hit rate and NDCG at each k of one relevant item a user, at `ranks` int64[n]; float64[n]."""
    values: dict[str, Floats] = {}
    for k in ks:
        values[f"hit_rate@{k}"] = (ranks <= k).astype(np.float64)
        values[f"ndcg@{k}"] = np.where(ranks <= k, _gains(ranks), 0)
    return values


def activity_slices(training_rows: Indices) -> dict[str, Mask]:
    """Users by how many rows they have in training, int[n]: without any, with some, and the latter
    in two halves; who has the median is in the less active one."""
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


def by_user(measured: Measured, slices: Mapping[str, Mask]) -> dict[str, Summary]:
    """The summary of each slice of users, bool[n of the block]."""
    return {name: measured.summary(users) for name, users in slices.items()}


def recall_by_item(
    lists: Lists, relevant: ItemSets, slices: Mapping[str, Mask], ks: Sequence[int]
) -> dict[str, Summary]:
    """How many of the relevant items of each slice, bool[items], the lists found: mean over the
    users who have such."""
    return {name: _recall(lists, relevant.within(items), ks) for name, items in slices.items()}


def _recall(lists: Lists, relevant: ItemSets, ks: Sequence[int]) -> Summary:
    summary = measure(lists, relevant, ks).summary()
    return {name: value for name, value in summary.items() if name == "users" or "recall" in name}


def beyond_accuracy(lists: Lists, k: int, train: ItemSets, items: int) -> Summary:
    """What the first `k` places show of a catalogue of `items` items, whoever wanted it.

    `train` are the items of every user in training, whether they have a list or not. "diversity"
    is missing where no list has two items.
    """
    shown = lists[:, :k]
    diverse = diversity(shown, train, items)
    known = diverse[~np.isnan(diverse)]
    counts = exposure(shown, items)
    return {
        f"coverage@{k}": coverage(counts),
        f"gini@{k}": gini(counts),
        f"novelty@{k}": novelty(shown, train, items),
    } | ({f"diversity@{k}": float(known.mean())} if len(known) else {})


def exposure(lists: Lists, items: int) -> NDArray[np.int64]:
    """How often each of `items` items is shown, int64[items]."""
    return np.bincount(lists[lists != NOWHERE], minlength=items)


def coverage(counts: NDArray[np.int64]) -> float:
    """The share of the catalogue that is shown to anyone; `counts` as of `exposure`."""
    return float(np.count_nonzero(counts) / len(counts))


def gini(counts: NDArray[np.int64]) -> float:
    """How unequally often items are shown: 0 where all are equally, 1 - 1 / items where one is.

    Over the whole catalogue: an item that nobody is shown counts.
    """
    items, shown = len(counts), counts.sum()
    if not shown:
        return 0.0
    ascending = np.sort(counts)
    return float(2 * np.arange(1, items + 1) @ ascending / (items * shown) - (items + 1) / items)


def novelty(lists: Lists, train: ItemSets, items: int) -> float:
    """Mean self-information of what is shown, in bits: 1 for an item that half of the users have
    (Zhou et al. 2010).

    Users are those with items in training. An item that none of them has counts as one that one
    user has: its true share is not known, and infinity would be the mean.
    """
    users = np.count_nonzero(train.sizes())
    share = np.maximum(train.popularity(items), 1) / max(users, 1)
    shown = lists[lists != NOWHERE]
    return float(-np.log2(share[shown]).mean()) if len(shown) else 0.0


def diversity(lists: Lists, train: ItemSets, items: int) -> Floats:
    """Mean distance of the items of each list from one another, float64[n]; nan with fewer than 2.

    Distance is 1 - cosine of the users who have the one and the other in training. Categories
    would be coarser and are missing from most data; this needs interactions alone. An item that
    nobody has is at distance 1 from all.
    """
    users_of = _users_of(train, items)
    return np.array([_diversity([users_of[item] for item in row[row >= 0]]) for row in lists])


def _users_of(train: ItemSets, items: int) -> list[NDArray[np.int64]]:
    """The users who have each item."""
    order = np.argsort(train.item_indices, kind="stable")
    return np.split(train.owners()[order], np.cumsum(train.popularity(items))[:-1])


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
