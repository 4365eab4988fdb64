"""The scale that ratings are on."""

from typing import NamedTuple, TypeVar

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from shared.database.tables import loads

F = TypeVar("F", bound=np.floating)


class RatingScale(NamedTuple):
    """The smallest and the largest rating there can be."""

    lowest: float
    highest: float

    def holds(self, rating: float) -> bool:
        """Whether a rating is on the scale; nan is on none."""
        return self.lowest <= rating <= self.highest

    def clip(self, ratings: NDArray[F]) -> NDArray[F]:
        """Predicted ratings brought back to the scale, of the same type."""
        clipped: NDArray[F] = np.clip(ratings, *self).astype(ratings.dtype, copy=False)
        return clipped


USUAL_SCALE = RatingScale(1, 5)
"""Where nothing tells of another."""


def declared_scale(connection: Connection) -> RatingScale | None:
    """The widest of the scales that generations and imports declared; None where none did."""
    lowest, highest = connection.execute(
        sa.select(sa.func.min(loads.c.rating_min), sa.func.max(loads.c.rating_max))
    ).one()
    return None if lowest is None or highest is None else RatingScale(lowest, highest)
