"""What metrics.json says of a split."""

from collections.abc import Mapping

import numpy as np

from services.trainer.metrics.intervals import Interval
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import EvaluatedModel
from shared.artifacts.metrics import (
    Ends,
    ListAccuracy,
    ModelLists,
    ModelRatings,
    NoiseFloor,
    SplitLists,
    SplitMetrics,
    SplitRatings,
)
from shared.artifacts.truth import Truth


def split_metrics(
    evaluation: Evaluation,
    evaluated: Mapping[str, EvaluatedModel],
    truth: Truth | None,
    rng: np.random.Generator,
) -> SplitMetrics:
    """Each model's errors and lists, and what was planted."""
    ratings: dict[str, ModelRatings] = {}
    lists: dict[str, ModelLists] = {}
    for name, model in evaluated.items():
        if (errors := model.ratings) is not None:
            figures = errors.errors().as_json()
            ratings[name] = ModelRatings(**figures, interval=_ends(errors.interval(rng)))
        if (quality := model.lists) is not None:
            figures = quality.accuracy().as_json() | {"interval": _ends(quality.interval(rng))}
            lists[name] = ModelLists.model_validate(figures)
    floor, planted = None, None
    if truth is not None and ratings and lists:
        floor, planted = _planted(evaluation, truth)
    split = evaluation.split
    return SplitMetrics(
        protocol=split.protocol,
        train_interactions=len(split.train.interactions),
        test_interactions=len(split.test),
        ratings=SplitRatings(models=ratings, noise_floor=floor),
        lists=SplitLists(models=lists, planted=planted),
    )


def _planted(evaluation: Evaluation, truth: Truth) -> tuple[NoiseFloor, ListAccuracy]:
    errors, lists = evaluation.planted(truth)
    noise = evaluation.planted_noise(truth)
    return NoiseFloor(**errors.errors().as_json(), expected_mse=noise), lists.accuracy()


def _ends(interval: Interval) -> Ends:
    """The interval of the deciding metric."""
    return interval.low, interval.high
