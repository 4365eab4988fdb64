"""The models, by name. Each is a module with one function, `fit(ratings, settings, workers)`, that
returns the numpy scorer which serves it."""

from collections.abc import Callable

from services.trainer.models import als, bias
from services.trainer.ratings import Ratings
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.scorers import Rater

RATING_MODELS: dict[str, Callable[[Ratings, TrainerSettings, Workers], Rater]] = {
    "bias": bias.fit,
    "als": als.fit,
}
