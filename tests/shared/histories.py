"""Histories for tests, from the items and the ratings of each user."""

from collections.abc import Sequence

import numpy as np

from shared.database.event_types import EVENT_TYPES
from shared.scorers.histories import Histories, Interactions, Weighting

Rated = Sequence[tuple[int, float]]


def rated_histories(*users: Rated) -> Histories:
    """Each user's (item index, rating) pairs; a rating of nan is a view."""
    rows = [(user, item, rating) for user, rated in enumerate(users) for item, rating in rated]
    ratings = np.array([row[2] for row in rows], dtype=np.float64)
    view, rating = EVENT_TYPES.index("view"), EVENT_TYPES.index("rating")
    interactions = Interactions(
        user_indices=np.array([row[0] for row in rows], dtype=np.int32),
        item_indices=np.array([row[1] for row in rows], dtype=np.int32),
        event_codes=np.where(np.isnan(ratings), view, rating).astype(np.uint8),
        ratings=ratings,
        values=np.full(len(rows), np.nan),
        occurred_at=np.arange(len(rows)),
    )
    return Weighting().histories(interactions, len(users))
