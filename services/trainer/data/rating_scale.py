"""The scale that ratings are on."""

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.arrays.types import Float64
from shared.database import tables

RatingScale = tuple[float, float]
"""The smallest and the largest rating there can be."""


def declared_scale(connection: Connection) -> RatingScale | None:
    """The widest of the rating scales that were declared when data was brought in."""
    loads = tables.loads.c
    low, high = connection.execute(
        sa.select(sa.func.min(loads.rating_min), sa.func.max(loads.rating_max))
    ).one()
    return None if low is None or high is None else (float(low), float(high))


def rating_scale(ratings: Float64, declared: RatingScale | None) -> RatingScale | None:
    """The scale of `ratings` [n], nan where there is none: what was declared, widened by them.

    Ratings that are all equal tell nothing of their scale: 1 to 5 is taken where it holds them.
    None where there is no rating.
    """
    present = ratings[~np.isnan(ratings)]
    if not len(present):
        return None
    low, high = float(present.min()), float(present.max())
    if declared is None and low == high:
        declared = (1.0, 5.0)
    if declared is None:
        return low, high
    return min(low, declared[0]), max(high, declared[1])
