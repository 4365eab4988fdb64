"""The models, by name. What each says of itself: contract.py."""

from typing import TYPE_CHECKING

from services.trainer.data.dataset import Dataset
from services.trainer.models import (
    als,
    bayesian,
    bias,
    blend,
    ease,
    ials,
    item_neighbors,
    popularity,
)
from services.trainer.models.contract import Model, named_divergence
from shared.scorers import Scorer

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers
    from services.trainer.settings import TrainerSettings

MODELS: dict[str, Model] = {
    "popularity": popularity,
    "bias": bias,
    "als": als,
    "bayesian": bayesian,
    "ials": ials,
    "ease": ease,
    "blend": blend,
    "item_neighbors": item_neighbors,
}


class ModelSettings(
    blend.Settings,
    ease.Settings,
    ials.Settings,
    bayesian.Settings,
    als.Settings,
    popularity.Settings,
):
    """The settings of all models: they shape a version's arrays and are kept with it."""


def fit(name: str, dataset: Dataset, settings: "TrainerSettings", workers: "Workers") -> Scorer:
    """The model of that name; DivergedError where it comes to no finite numbers."""
    with named_divergence(name):
        return MODELS[name].fit(dataset, settings, workers)


def main_role(name: str) -> str:
    """What a model is made for, and what its settings are chosen by."""
    return "rating" if "rating" in MODELS[name].SCORER.roles else "ranker"
