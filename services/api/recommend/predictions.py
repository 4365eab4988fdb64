"""Predicted ratings, on the scale of the data that a version was trained on."""

import math
from collections.abc import Sequence

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.new_items import ItemIndices
from services.api.recommend.profile import Profile
from services.api.recommend.scorer_choice import UserScorer
from services.api.schemas.predictions import (
    Prediction,
    PredictionSource,
    PredictResponse,
)
from shared.arrays.types import Float32
from shared.scorers import Rater, Uncertain
from shared.scorers.choice import is_known
from shared.scorers.histories import History

DECIMALS = 4


def predict(
    catalogue: Catalogue, user_id: str, profile: Profile, item_ids: Sequence[str]
) -> PredictResponse:
    """One prediction for each item asked, in the order asked, from what is known of each."""
    item_indices = catalogue.find_all(item_ids)
    ratings = predicted_ratings(catalogue, profile.history, item_indices)
    uncertainties = _uncertainties(catalogue, profile.history, item_indices)
    predictions = [
        Prediction(
            item_id=item_id,
            predicted_rating=rating,
            uncertainty=uncertainty,
            source=_source(catalogue, profile.history, item_index),
        )
        for item_id, item_index, rating, uncertainty in zip(
            item_ids, item_indices.tolist(), ratings, uncertainties, strict=True
        )
    ]
    return PredictResponse(
        user_id=user_id, predictions=predictions, model_version=catalogue.version.name
    )


def _source(catalogue: Catalogue, history: History, item_index: int) -> PredictionSource:
    rater = catalogue.version.rater
    if rater is None:
        return "none"
    if item_index >= catalogue.trained:
        return "alike"
    if is_known(rater, history):
        return "model" if item_index >= 0 else "user"
    return "item" if item_index >= 0 else "mean"


def _uncertainties(
    catalogue: Catalogue, history: History, item_indices: ItemIndices
) -> list[float | None]:
    """Standard deviations, where the model knows any."""
    rater = catalogue.version.rater
    if not isinstance(rater, Uncertain):
        return [None] * len(item_indices)
    deviations = rater.uncertainty(history, _trained(catalogue, item_indices))
    return [None if math.isnan(std) else round(std, DECIMALS) for std in deviations.tolist()]


def predicted_ratings(
    catalogue: Catalogue, history: History, item_indices: ItemIndices
) -> list[float | None]:
    """What the user would rate each item, clipped and rounded; -1 stands for an unknown one."""
    rater = catalogue.version.rater
    if rater is None:
        return [None] * len(item_indices)
    return _shown(catalogue, _rated(catalogue, rater, rater.fold_in(history), item_indices))


def list_ratings(
    catalogue: Catalogue, user_scorer: UserScorer, item_indices: ItemIndices
) -> list[float | None]:
    """The same for the items of a list: a history is not folded into the rating model twice."""
    rater = catalogue.version.rater
    if rater is None or rater is not user_scorer.scorer:
        return predicted_ratings(catalogue, user_scorer.history, item_indices)
    return _shown(catalogue, _rated(catalogue, rater, user_scorer.vector, item_indices))


def _rated(
    catalogue: Catalogue, rater: Rater, vector: Float32, item_indices: ItemIndices
) -> Float32:
    """Raw ratings, float32[n]: a new item's is the mean of those that stand for it."""
    rated = np.array(rater.rate(vector[None], _trained(catalogue, item_indices)))
    is_new = catalogue.is_new(item_indices)
    if is_new.any():
        neighbours = catalogue.neighbours(item_indices[is_new])
        rated[is_new] = neighbours.means(rater.score(vector[None], neighbours.members))[0]
    return rated


def _trained(catalogue: Catalogue, item_indices: ItemIndices) -> ItemIndices:
    """The same with -1 for items that the version does not know."""
    return np.where(catalogue.is_new(item_indices), -1, item_indices)


def _shown(catalogue: Catalogue, raw: Float32) -> list[float | None]:
    """Raw ratings as people see them: on the rating scale, with four decimals."""
    on_scale = catalogue.version.manifest.data.on_scale(raw)
    return [round(float(rating), DECIMALS) for rating in on_scale]
