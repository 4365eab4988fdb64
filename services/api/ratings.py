"""Predicted ratings, on the scale of the data that a version was trained on."""

import math

import numpy as np

from services.api.schemas.predictions import (
    Prediction,
    PredictionSource,
    PredictRequest,
    PredictResponse,
)
from shared.histories import Floats, Indices
from shared.scorers import Uncertain
from shared.versions import Version

DECIMALS = 4


def predict(version: Version, request: PredictRequest) -> PredictResponse:
    """One prediction for each item asked, in the order asked, from what is known of each."""
    user_index = version.content.users.find(request.user_id)
    item_indices = version.content.items.find_all(request.item_ids)
    ratings = predicted_ratings(version, user_index, item_indices)
    uncertainties = _uncertainties(version, user_index, item_indices)
    predictions = [
        Prediction(
            item_id=item_id,
            predicted_rating=rating,
            uncertainty=uncertainty,
            source=_source(version, user_index, int(item_index)),
        )
        for item_id, item_index, rating, uncertainty in zip(
            request.item_ids, item_indices, ratings, uncertainties, strict=True
        )
    ]
    return PredictResponse(
        user_id=request.user_id, predictions=predictions, model_version=version.name
    )


def _source(version: Version, user_index: int, item_index: int) -> PredictionSource:
    if version.rater is None:
        return "none"
    if version.rater.knows(version.content.histories[user_index]):
        return "model" if item_index >= 0 else "user"
    return "item" if item_index >= 0 else "mean"


def _uncertainties(version: Version, user_index: int, item_indices: Indices) -> list[float | None]:
    """Standard deviations, where the model knows any."""
    if not isinstance(version.rater, Uncertain):
        return [None] * len(item_indices)
    deviations = version.rater.uncertainty(version.content.histories[user_index], item_indices)
    return [None if math.isnan(one) else round(one, DECIMALS) for one in deviations.tolist()]


def predicted_ratings(
    version: Version, user_index: int, item_indices: Indices
) -> list[float | None]:
    """What the user would rate each item, clipped and rounded; -1 stands for an unknown one."""
    if version.rater is None:
        return [None] * len(item_indices)
    vectors = version.rater.vectors(np.array([user_index]))
    return shown_ratings(version, version.rater.rate(vectors, item_indices))


def shown_ratings(version: Version, raw: Floats) -> list[float | None]:
    """Raw ratings as people see them: on the rating scale, with four decimals."""
    scale = version.manifest.data.rating_scale
    clipped = raw if scale is None else np.clip(raw, *scale)
    return [round(float(rating), DECIMALS) for rating in clipped]
