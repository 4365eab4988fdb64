"""Groups of users that the ranker tells apart, and what they are, in words.

Users are compared by the ranker's scores as served, so that every ranker is treated alike and no
declared attribute of anybody goes in.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.segments.clustering import Clustering, Trial, find_groups
from shared.arrays.types import Float32, Float64, Indices
from shared.artifacts.id_map import IdMap
from shared.artifacts.segments import (
    NO_SEGMENT,
    CategoryShare,
    Criterion,
    GroupsTried,
    ItemShare,
    Segment,
    Segments,
    SegmentsDescription,
    segment_id,
)
from shared.artifacts.text_column import TextColumn

Counts = Float64
Scores = Callable[[NDArray[np.int64]], Float32]
"""The ranker's scores of all items for user indices int64[n], float32[n, items]."""

CRITERION = "prediction strength and gap over a Gaussian cloud"
AXES_FROM = 2000  # users; axes from more of them are the same
BLOCK_USERS = 512  # 40 MB of scores at twenty thousand items
AXES = 8  # enough for ten groups; fewer halve groups along a taste, more hide those of ML-1M
PRIOR = 10.0  # interactions as everybody's, added to each count: what is rare is not distinctive
TOP_CATEGORIES = 3
TOP_ITEMS = 5
EVERYONE = "everyone"
UNCLEAR = "mixed taste"
NAMING_LIFT = 1.1  # from here on a preference is worth a name
RARE_LIFT = 1 / 1.5


@dataclass(frozen=True)
class Behaviour:
    """What users wanted, arrays [n]: `ratings` is nan where there is none."""

    user_indices: Indices
    item_indices: Indices
    ratings: NDArray[np.floating]


@dataclass(frozen=True)
class Catalogue:
    """What is known of the items; a category may be several, "Action|Sci-Fi"."""

    items: IdMap
    titles: TextColumn
    categories: TextColumn


def find_segments(
    scores: Scores,
    users: int,
    behaviour: Behaviour,
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> Segments:
    """The segments of `users` users; who wanted nothing is in none.

    One segment, of everyone, where the users form no groups.
    """
    activity = np.bincount(behaviour.user_indices, minlength=users)
    known = np.flatnonzero(activity)
    found = find_groups(embed(scores, known, rng), rng, activity=activity[known])
    labels = np.full(users, NO_SEGMENT, dtype=np.int16)
    certainty = np.zeros(users, dtype=np.float32)
    labels[known], certainty[known] = found.labels, found.certainty
    segments = describe(labels, certainty, found.stability, behaviour, catalogue)
    return Segments(
        labels, certainty, SegmentsDescription(segments=segments, criterion=_criterion(found))
    )


def _criterion(found: Clustering) -> Criterion:
    return Criterion(name=CRITERION, tried=[_tried(trial) for trial in found.trials])


def _tried(trial: Trial) -> GroupsTried:
    return GroupsTried(
        groups=trial.groups,
        prediction_strength=round(trial.strength, 3),
        gap=None if trial.gap is None else round(trial.gap, 3),
    )


# Where users stand


def embed(scores: Scores, users: NDArray[np.int64], rng: np.random.Generator) -> Float32:
    """Where users stand on the principal axes of their scores, float32[users, k ≤ 8].

    Every user's scores are standardized (how active they are goes), the direction of the mean
    user is taken out of them (popularity goes, also how much of it a user has), and what is left,
    the personal part, gets length one.
    """
    sample = users if len(users) <= AXES_FROM else rng.choice(users, AXES_FROM, replace=False)
    rows = _concatenated([_standardized(scores(block)) for block in _blocks(np.sort(sample))])
    popular = _unit_length(rows.sum(axis=0, keepdims=True))
    axes = _principal_axes(_personal(rows, popular))
    blocks = (_standardized(scores(block)) for block in _blocks(users))
    return _concatenated([_personal(block, popular) @ axes for block in blocks])


def _personal(rows: Float32, popular: Float32) -> Float32:
    """Standardized scores without their part along `popular` [1, items], of length one."""
    return _unit_length(rows - rows @ popular.T * popular)


def _blocks(users: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.array_split(users, max(1, -(-len(users) // BLOCK_USERS)))


def _concatenated(blocks: list[Float32]) -> Float32:
    return np.concatenate(blocks).astype(np.float32)


def _standardized(rows: Float32) -> Float32:
    centred = rows - rows.mean(axis=1, keepdims=True)
    return _divided(centred, centred.std(axis=1, keepdims=True))


def _unit_length(rows: Float32) -> Float32:
    # Standardized scores are of size one: a difference that is rounding is none.
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return _divided(rows, np.where(lengths > 1e-4, lengths, 0))


def _divided(rows: Float32, by: Float32) -> Float32:
    """Rows over their scale; zeros where that is 0."""
    return np.divide(rows, by, out=np.zeros_like(rows), where=by > 0)


def _principal_axes(rows: Float32) -> Float32:
    """The directions of most variance, float32[items, k], from the smaller of the two Grams."""
    users, items = rows.shape
    if items <= users:
        return np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :AXES]
    variances, weights = np.linalg.eigh(rows @ rows.T)
    axes = rows.T @ weights[:, ::-1][:, :AXES]
    return _divided(axes, np.sqrt(np.maximum(variances[::-1][:AXES], 0)))


# What they are


@dataclass(frozen=True)
class _Preferences:
    """How often each segment (rows) came to each thing (columns), against everybody.

    `shares` of the segment's interactions, `lifts` shrunken by PRIOR, float64[segments, things];
    `everybody` has the shares of all interactions, float64[things].
    """

    counts: Counts
    shares: Counts
    lifts: Counts
    everybody: Counts

    @property
    def favour(self) -> Counts:
        """What each thing adds to the divergence of a segment from everybody (Kullback-Leibler)."""
        return self.shares * np.log(self.lifts)

    def favourites(self, segment: int, most: int) -> list[int]:
        return [j for j in _top(self.counts[segment], most) if self.counts[segment, j] > 0]

    def distinctive(self, segment: int, most: int, least_lift: float = 1.05) -> list[int]:
        top = _top(self.favour[segment], most)
        return [thing for thing in top if self.lifts[segment, thing] >= least_lift]

    def rarest(self, segment: int) -> int | None:
        """What the segment leaves out of what everybody does most, if there is such a thing."""
        lifts = self.lifts[segment]
        missing = np.where(lifts <= RARE_LIFT, self.everybody * -np.log(lifts), 0)
        return int(missing.argmax()) if missing.any() else None


def describe(
    labels: NDArray[np.int16],
    certainty: Float32,
    stability: Counts,
    behaviour: Behaviour,
    catalogue: Catalogue,
) -> list[Segment]:
    """Segments in the order of `labels` int16[users], -1 for users in none."""
    groups = len(stability)
    by_item = _count_items(labels, groups, behaviour, len(catalogue.items))
    categories, members = _categories(catalogue.categories)
    interactions = by_item.sum(axis=1)
    items = _preferences(by_item, interactions)
    topics = _preferences(_sum_by(by_item, members, len(categories)), interactions)
    names = _names(groups, items, topics, categories, catalogue)
    return [
        Segment(
            segment_id=segment_id(group),
            name=names[group],
            certainty=_mean(certainty[labels == group]),
            stability=float(stability[group]),
            favourite_categories=_category_shares(topics.favourites, group, topics, categories),
            distinctive_categories=_category_shares(topics.distinctive, group, topics, categories),
            favourite_items=_item_shares(items.favourites, group, items, catalogue),
            distinctive_items=_item_shares(items.distinctive, group, items, catalogue),
            **_activity(labels, group, behaviour),
        )
        for group in range(groups)
    ]


def _activity(labels: NDArray[np.int16], group: int, behaviour: Behaviour) -> dict[str, object]:
    members = labels == group
    ratings = behaviour.ratings[members[behaviour.user_indices]]
    rated = ratings[~np.isnan(ratings)]
    activity = np.bincount(behaviour.user_indices, minlength=len(labels))[members]
    return {
        "size": int(members.sum()),
        "share": int(members.sum()) / max(int((labels != NO_SEGMENT).sum()), 1),
        "mean_rating": _mean(rated) if len(rated) else None,
        "activity": float(np.median(activity)) if len(activity) else 0.0,
    }


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean(dtype=np.float64)) if len(values) else 0.0


def _count_items(
    labels: NDArray[np.int16], groups: int, behaviour: Behaviour, items: int
) -> Counts:
    """How often each segment came to each item, float64[groups, items]."""
    owners = labels[behaviour.user_indices].astype(np.int64)
    inside = owners != NO_SEGMENT
    cells = owners[inside] * items + behaviour.item_indices[inside]
    return np.bincount(cells, minlength=groups * items).reshape(groups, items).astype(np.float64)


def _categories(categories: TextColumn) -> tuple[list[str], NDArray[np.int64]]:
    """The names of the categories, in order, and pairs of item and category, int64[2, pairs]."""
    pairs = [(item, name) for item, text in enumerate(categories) for name in _split(text)]
    names = sorted({name for _item, name in pairs})
    index = {name: position for position, name in enumerate(names)}
    rows = [(item, index[name]) for item, name in pairs]
    return names, np.array(rows, dtype=np.int64).reshape(-1, 2).T


def _split(text: str) -> list[str]:
    parts = (part.strip() for part in text.split("|"))
    return list(dict.fromkeys(part for part in parts if part))


def _sum_by(by_item: Counts, members: NDArray[np.int64], categories: int) -> Counts:
    summed = np.zeros((categories, len(by_item)))
    np.add.at(summed, members[1], by_item.T[members[0]])
    return summed.T


def _preferences(counts: Counts, interactions: Counts) -> _Preferences:
    everybody = counts.sum(axis=0) / max(interactions.sum(), 1)
    return _Preferences(
        counts=counts,
        shares=counts / np.maximum(interactions, 1)[:, None],
        lifts=(counts + PRIOR) / (interactions[:, None] * everybody + PRIOR),
        everybody=everybody,
    )


def _top(values: Counts, most: int) -> list[int]:
    """The largest values' positions, of equal ones the first first."""
    order: list[int] = np.argsort(-values, kind="stable").tolist()
    return order[:most]


Chosen = Callable[[int, int], list[int]]


def _category_shares(
    chosen: Chosen, group: int, topics: _Preferences, names: Sequence[str]
) -> list[CategoryShare]:
    return [
        CategoryShare(
            category=names[thing],
            share=float(topics.shares[group, thing]),
            lift=float(topics.lifts[group, thing]),
        )
        for thing in chosen(group, TOP_CATEGORIES)
    ]


def _item_shares(
    chosen: Chosen, group: int, items: _Preferences, catalogue: Catalogue
) -> list[ItemShare]:
    return [
        ItemShare(
            item_id=catalogue.items[thing],
            title=catalogue.titles[thing],
            share=float(items.shares[group, thing]),
            lift=float(items.lifts[group, thing]),
        )
        for thing in chosen(group, TOP_ITEMS)
    ]


# Names


def _names(
    groups: int,
    items: _Preferences,
    topics: _Preferences,
    categories: Sequence[str],
    catalogue: Catalogue,
) -> list[str]:
    """A name for each segment, in as few words as tell all of them apart."""
    if groups == 1:
        return [EVERYONE]
    wordings = [
        list(_wordings(group, items, topics, categories, catalogue)) for group in range(groups)
    ]
    for names in zip(*wordings, strict=True):
        if len(set(names)) == groups:
            return list(names)
    return [f"{words[-1]} ({segment_id(group)})" for group, words in enumerate(wordings)]


def _wordings(
    group: int,
    items: _Preferences,
    topics: _Preferences,
    categories: Sequence[str],
    catalogue: Catalogue,
) -> Iterator[str]:
    """Names of a segment, each longer than the one before; as many for every segment."""
    likes = [categories[thing] for thing in topics.distinctive(group, 3, NAMING_LIFT)]
    titles = [
        catalogue.titles[thing].strip() or catalogue.items[thing]
        for thing in items.distinctive(group, 3, NAMING_LIFT)
    ]
    rarest = topics.rarest(group)
    rarely = "" if rarest is None else f", rarely {categories[rarest]}"
    for many in (2, 3):
        yield (_and(likes[:many]) or _and(titles[:many]) or UNCLEAR) + rarely
    with_titles = f" ({_and(titles[:2])})" if likes and titles else ""
    yield (_and(likes) or _and(titles) or UNCLEAR) + with_titles + rarely


def _and(words: Sequence[str]) -> str:
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last
