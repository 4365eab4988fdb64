"""What segments prefer, against everybody: items, or categories of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.item_sets import ItemSets
from services.trainer.segments.behaviour import Behaviour
from shared.arrays.types import Float64, Mask
from shared.artifacts.segments import NO_SEGMENT

Counts = Float64
SegmentLabels = NDArray[np.int16]
"""The segment of each user, NO_SEGMENT for users in none, int16[users]."""

PRIOR = 10.0  # interactions as everybody's, added to each count: what is rare is not distinctive
SHOWN_LIFT = 1.05
RARE_LIFT = 1 / 1.5
BLOCK_USERS = 10_000  # 60 MB while the categories of a hundred items each are counted


@dataclass(frozen=True)
class Support:
    """What a thing must have in a segment to be said of it."""

    share: float
    """Of the segment's interactions."""
    reach: float
    """Of its users, those who came to the thing at least once."""


NONE_NEEDED = Support(share=0, reach=0)


@dataclass(frozen=True)
class Preferences:
    """How often each segment (rows) came to each thing (columns), against everybody.

    `shares` of the segment's interactions, `reach` of its users, `lifts` of the shares shrunken by
    PRIOR, float64[segments, things]; `everybody` has the shares of all interactions,
    float64[things].
    """

    counts: Counts
    shares: Counts
    reach: Counts
    lifts: Counts
    everybody: Counts

    @classmethod
    def of(
        cls, counts: Counts, users: Counts, interactions: Counts, sizes: Counts
    ) -> "Preferences":
        """From the interactions and users of each thing [segments, things], and of all [segments].

        An interaction with an item of two categories counts for both.
        """
        everybody = counts.sum(axis=0) / max(interactions.sum(), 1)
        return cls(
            counts=counts,
            shares=counts / np.maximum(interactions, 1)[:, None],
            reach=users / np.maximum(sizes, 1)[:, None],
            lifts=(counts + PRIOR) / (interactions[:, None] * everybody + PRIOR),
            everybody=everybody,
        )

    @property
    def favour(self) -> Counts:
        """What each thing adds to the divergence of a segment from everybody (Kullback-Leibler)."""
        return self.shares * np.log(self.lifts)

    def favourites(self, segment: int, most: int) -> list[int]:
        """What the segment came to most often."""
        return _top(self.counts[segment], self.counts[segment] > 0, most)

    def distinctive(
        self,
        segment: int,
        most: int,
        least_lift: float = SHOWN_LIFT,
        support: Support = NONE_NEEDED,
    ) -> list[int]:
        """What tells the segment from everybody most, among what has the support."""
        top = _top(self.favour[segment], self._supported(support)[segment], most)
        return [thing for thing in top if self.lifts[segment, thing] >= least_lift]

    def rarest(self, segment: int, support: Support) -> int | None:
        """What the segment leaves out of what everybody does most, among what has the support in
        any segment; None where there is no such thing."""
        lifts = self.lifts[segment]
        rare = (lifts <= RARE_LIFT) & self._supported(support).any(axis=0)
        missing = np.where(rare, self.everybody * -np.log(lifts), 0)
        return int(missing.argmax()) if missing.any() else None

    def _supported(self, support: Support) -> Mask:
        """Whether each segment (rows) has the support for each thing, bool[segments, things]."""
        supported: Mask = (self.shares >= support.share) & (self.reach >= support.reach)
        return supported


def item_preferences(
    labels: SegmentLabels, n_segments: int, behaviour: Behaviour, n_items: int
) -> Preferences:
    """The preferences of segments among the items."""
    itself = ItemSets(np.arange(n_items + 1), np.arange(n_items))
    return category_preferences(labels, n_segments, behaviour, itself, n_items)


def category_preferences(
    labels: SegmentLabels,
    n_segments: int,
    behaviour: Behaviour,
    categories: ItemSets,
    n_categories: int,
) -> Preferences:
    """The preferences of segments among the categories, given as a set for each item."""
    by_item = _count_interactions(labels, n_segments, behaviour, len(categories))
    sizes = np.bincount(labels[labels != NO_SEGMENT], minlength=n_segments)
    return Preferences.of(
        counts=_sum_by(by_item, categories, n_categories),
        users=_count_users(labels, n_segments, behaviour, categories, n_categories),
        interactions=by_item.sum(axis=1),
        sizes=sizes.astype(np.float64),
    )


def _count_interactions(
    labels: SegmentLabels, n_segments: int, behaviour: Behaviour, n_items: int
) -> Counts:
    """How often each segment came to each item, float64[segments, items]."""
    owners = labels[behaviour.user_indices].astype(np.int64)
    inside = owners != NO_SEGMENT
    cells = owners[inside] * n_items + behaviour.item_indices[inside]
    counts = np.bincount(cells, minlength=n_segments * n_items)
    return counts.reshape(n_segments, n_items).astype(np.float64)


def _sum_by(by_item: Counts, categories: ItemSets, n_categories: int) -> Counts:
    summed = np.zeros((n_categories, len(by_item)))
    np.add.at(summed, categories.item_indices, by_item.T[categories.owners()])
    return summed.T


def _count_users(
    labels: SegmentLabels,
    n_segments: int,
    behaviour: Behaviour,
    categories: ItemSets,
    n_categories: int,
) -> Counts:
    """How many users of each segment came to each category, float64[segments, categories]."""
    items = ItemSets.from_pairs(behaviour.user_indices, behaviour.item_indices, len(labels))
    counts = np.zeros((n_segments, n_categories))
    for segment in range(n_segments):
        members = np.flatnonzero(labels == segment)
        for begin in range(0, len(members), BLOCK_USERS):
            block = items.of(members[begin : begin + BLOCK_USERS])
            found = categories.of(block.item_indices)
            owners = block.owners()[found.owners()]
            sets = ItemSets.from_pairs(owners, found.item_indices, len(block))
            counts[segment] += sets.popularity(n_categories)
    return counts


def _top(values: Counts, eligible: Mask, most: int) -> list[int]:
    """The positions of the largest eligible values, of equal ones the first first."""
    order = np.argsort(-values, kind="stable")
    top: list[int] = order[eligible[order]][:most].tolist()
    return top
