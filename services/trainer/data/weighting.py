"""How interactions are weighted, as far as the data decides it."""

import numpy as np

from services.trainer.data.times import has_times
from shared.database.rating_scale import RatingScale
from shared.scorers.histories import Interactions, Weighting


def fitted_weighting(
    weighting: Weighting, interactions: Interactions, scale: RatingScale | None
) -> Weighting:
    """The weighting with what the data decides: are there times, what are a rating and a value
    worth."""
    is_timed = has_times(interactions.user_indices, interactions.occurred_at)
    timed = weighting.model_copy(update={"is_timed": is_timed})
    return weighted_by_rows(timed, interactions, scale)


def weighted_by_rows(
    weighting: Weighting, interactions: Interactions, scale: RatingScale | None
) -> Weighting:
    """The weighting with what these interactions say that ratings and values are worth."""
    units = _value_units(weighting, interactions)
    by_values = weighting.model_copy(update={"value_units": units})
    return _weighted_by_ratings(by_values, interactions, scale)


def _value_units(weighting: Weighting, interactions: Interactions) -> dict[str, float]:
    """The median value of each type of event that has values: it counts as one event."""
    valued = ~np.isnan(interactions.values)
    values, codes = interactions.values[valued], interactions.event_codes[valued]
    present = np.unique(codes).tolist()
    return {
        name: float(np.median(values[codes == code]))
        for name, code in weighting.event_codes.items()
        if code in present
    }


def _weighted_by_ratings(
    weighting: Weighting, interactions: Interactions, scale: RatingScale | None
) -> Weighting:
    """The weighting where a row counts rating / mean rating times, on a scale from 1 to 5.

    On other scales likewise, the lowest rating a fifth of the highest.
    """
    ratings = interactions.ratings[~np.isnan(interactions.ratings)]
    if scale is None or scale[0] == scale[1] or not len(ratings):
        return weighting
    quarter = (scale[1] - scale[0]) / 4
    mean = float(ratings.mean()) - scale[0] + quarter
    worth = {"rating_intercept": (quarter - scale[0]) / mean, "rating_slope": 1 / mean}
    return weighting.model_copy(update=worth)
