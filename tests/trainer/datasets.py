"""Datasets from plain arrays, without a database."""

import numpy as np

from services.trainer.data.dataset import Dataset
from services.trainer.data.declared_features import DeclaredFeatures
from services.trainer.data.weighting import fitted_weighting
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import DataSummary
from shared.database.event_types import EVENT_TYPES
from shared.database.rating_scale import USUAL_SCALE, RatingScale
from shared.scorers.histories import NO_TIME, Interactions, Weighting


def dataset_of(
    users: np.ndarray,
    items: np.ndarray,
    ratings: np.ndarray | None = None,
    *,
    shape: tuple[int, int] | None = None,
    scale: tuple[float, float] = USUAL_SCALE,
    occurred_at: np.ndarray | None = None,
    event_types: list[str] | None = None,
    categories: list[str] | None = None,
    weighting: Weighting | None = None,
) -> Dataset:
    """Interactions by index: ratings where there are some, or else views; one a millisecond."""
    num_users, num_items = shape or (int(users.max()) + 1, int(items.max()) + 1)
    kinds = event_types or ["view" if ratings is None else "rating"] * len(users)
    values = np.full(len(users), np.nan) if ratings is None else ratings.astype(np.float64)
    known_scale = None if np.isnan(values).all() else RatingScale(*scale)
    interactions = Interactions(
        user_indices=users.astype(np.int32),
        item_indices=items.astype(np.int32),
        event_codes=np.array([EVENT_TYPES.index(kind) for kind in kinds], dtype=np.uint8),
        ratings=values,
        values=np.full(len(users), np.nan),
        occurred_at=np.arange(len(users)) if occurred_at is None else occurred_at,
    )
    return bare_dataset(
        IdMap.of(f"u{index:06}" for index in range(num_users)),
        IdMap.of(f"i{index:06}" for index in range(num_items)),
        interactions,
        scale=known_scale,
        categories=categories,
        weighting=weighting,
    )


def bare_dataset(
    users: IdMap,
    items: IdMap,
    interactions: Interactions,
    *,
    scale: RatingScale | None,
    categories: list[str] | None = None,
    weighting: Weighting | None = None,
) -> Dataset:
    """Interactions alone: no titles, nothing declared, every item active."""
    rows = len(interactions)
    return Dataset(
        users=users,
        items=items,
        titles=TextColumn.of([""] * len(items)),
        categories=TextColumn.of(categories or [""] * len(items)),
        attributes=TextColumn.of([""] * len(items)),
        is_active=np.ones(len(items), dtype=np.bool_),
        created_at=np.full(len(items), NO_TIME),
        interactions=interactions,
        summary=DataSummary(rows=rows, last_id=rows, content_hash="0" * 32, rating_scale=scale),
        weighting=fitted_weighting(weighting or Weighting(), interactions, scale),
        of_users=DeclaredFeatures.of([{}] * len(users), ()),
        of_items=DeclaredFeatures.of([{}] * len(items), ()),
    )
