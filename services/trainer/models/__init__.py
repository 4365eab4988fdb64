"""The models, by name. Each is a module with one function, `fit(dataset, settings, workers)`, that
returns the numpy scorer which serves it."""

from collections.abc import Callable

from services.trainer.dataset import Dataset
from services.trainer.models import als, bias, ease, ials, popularity
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.scorers import Scorer

Fit = Callable[[Dataset, TrainerSettings, Workers], Scorer]

MODELS: dict[str, Fit] = {
    "popularity": popularity.fit,
    "bias": bias.fit,
    "als": als.fit,
    "ials": ials.fit,
    "ease": ease.fit,
}
