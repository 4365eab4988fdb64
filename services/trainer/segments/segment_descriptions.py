"""What is said of each segment: its size, its activity, what it prefers, its name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.item_descriptions import ItemDescriptions
from services.trainer.segments.preferences import (
    Preferences,
    SegmentLabels,
    category_preferences,
    item_preferences,
)
from services.trainer.segments.segment_names import CATEGORY_SUPPORT, segment_names
from shared.arrays.types import Float32, Float64
from shared.artifacts.segments import NO_SEGMENT, CategoryShare, ItemShare, Segment, segment_id

TOP_CATEGORIES = 3
TOP_ITEMS = 5


def describe(
    labels: SegmentLabels,
    certainty: Float32,
    stability: Float64,
    behaviour: Behaviour,
    descriptions: ItemDescriptions,
) -> list[Segment]:
    """Segments in the order of `labels` int16[users], -1 for users in none."""
    n_segments = len(stability)
    category_names, sets = descriptions.category_sets()
    items = item_preferences(labels, n_segments, behaviour, len(descriptions.items))
    categories = category_preferences(labels, n_segments, behaviour, sets, len(category_names))
    names = segment_names(n_segments, items, categories, category_names, descriptions)
    return [
        Segment(
            segment_id=segment_id(segment),
            name=names[segment],
            certainty=_mean(certainty[labels == segment]),
            stability=float(stability[segment]),
            **_activity(labels, segment, behaviour),
            **_preferred_categories(categories, segment, category_names),
            **_preferred_items(items, segment, descriptions),
        )
        for segment in range(n_segments)
    ]


def _activity(labels: SegmentLabels, segment: int, behaviour: Behaviour) -> dict[str, object]:
    members = labels == segment
    ratings = behaviour.ratings[members[behaviour.user_indices]]
    ratings = ratings[~np.isnan(ratings)]
    activity = np.bincount(behaviour.user_indices, minlength=len(labels))[members]
    return {
        "size": int(members.sum()),
        "share": int(members.sum()) / max(int((labels != NO_SEGMENT).sum()), 1),
        "mean_rating": _mean(ratings) if len(ratings) else None,
        "activity": float(np.median(activity)) if len(activity) else 0.0,
    }


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean(dtype=np.float64)) if len(values) else 0.0


def _preferred_categories(
    categories: Preferences, segment: int, names: Sequence[str]
) -> dict[str, list[CategoryShare]]:
    def shares(chosen: Sequence[int]) -> list[CategoryShare]:
        return [
            CategoryShare(
                category=names[category],
                share=float(categories.shares[segment, category]),
                lift=float(categories.lifts[segment, category]),
            )
            for category in chosen
        ]

    distinctive = categories.distinctive(segment, TOP_CATEGORIES, support=CATEGORY_SUPPORT)
    return {
        "favourite_categories": shares(categories.favourites(segment, TOP_CATEGORIES)),
        "distinctive_categories": shares(distinctive),
    }


def _preferred_items(
    items: Preferences, segment: int, descriptions: ItemDescriptions
) -> dict[str, list[ItemShare]]:
    def shares(chosen: Sequence[int]) -> list[ItemShare]:
        return [
            ItemShare(
                item_id=descriptions.items[item],
                title=descriptions.titles[item],
                share=float(items.shares[segment, item]),
                lift=float(items.lifts[segment, item]),
            )
            for item in chosen
        ]

    return {
        "favourite_items": shares(items.favourites(segment, TOP_ITEMS)),
        "distinctive_items": shares(items.distinctive(segment, TOP_ITEMS)),
    }
