"""The scale that the ratings of a data set are on."""

import numpy as np

from shared.arrays.types import Float64
from shared.database.rating_scale import USUAL_SCALE, RatingScale


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
        declared = USUAL_SCALE
    if declared is None:
        return RatingScale(low, high)
    return RatingScale(min(low, declared.lowest), max(high, declared.highest))
