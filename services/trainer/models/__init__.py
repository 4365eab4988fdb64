"""The models, by name. Each is a module with one function, `fit(dataset, settings, workers)`, that
returns the numpy scorer which serves it."""

from collections.abc import Callable

import torch

from services.trainer.data.dataset import Dataset
from services.trainer.models import als, bias, blend, ease, ials, popularity
from services.trainer.models.bayesian import model as bayesian
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.errors import SommelierError
from shared.scorers import (
    BayesianFactorization,
    Blend,
    ImplicitFactorization,
    ItemWeights,
    MatrixFactorization,
    Popularity,
    Scorer,
    ScorerType,
)
from shared.scorers.finite import NotFiniteError
from shared.scorers.histories import Histories

LinAlgError: type[Exception] = torch.linalg.LinAlgError  # type: ignore[attr-defined]

MODELS: dict[str, Callable[[Dataset, TrainerSettings, Workers], Scorer]] = {
    "popularity": popularity.fit,
    "bias": bias.fit,
    "als": als.fit,
    "bayesian": bayesian.fit,
    "ials": ials.fit,
    "ease": ease.fit,
    "blend": blend.fit,
}

SCORER_TYPES: dict[str, ScorerType] = {
    "popularity": Popularity,
    "bias": MatrixFactorization,
    "als": MatrixFactorization,
    "bayesian": BayesianFactorization,
    "ials": ImplicitFactorization,
    "ease": ItemWeights,
    "blend": Blend,
}
"""What each model's `fit` returns."""


class DivergedError(SommelierError):
    """Ratings or penalties too large to compute with."""


def with_recency(
    scorer: ImplicitFactorization | ItemWeights | Blend,
    histories: Histories,
    recency: float,
    workers: Workers,
) -> Scorer:
    """The same model where `recency` newer items halve what an item says of its user."""
    if isinstance(scorer, ImplicitFactorization):
        return ials.with_recency(scorer, histories, recency, workers)
    if isinstance(scorer, ItemWeights):
        return ease.with_recency(scorer, recency)
    return blend.with_recency(scorer, histories, recency, workers)


def fit(name: str, dataset: Dataset, settings: TrainerSettings, workers: Workers) -> Scorer:
    """The model of that name; DivergedError where it comes to no finite numbers."""
    try:
        return MODELS[name](dataset, settings, workers)
    except (NotFiniteError, LinAlgError) as error:
        raise DivergedError(
            f"The training of {name} came to no finite numbers, and nothing was published: look "
            f"for ratings far off the scale, or for penalties ({name.upper()}_…) that are huge."
        ) from error
