"""User and item biases alone: what every personal model has to beat (Koren 2010, section 2.1)."""

from services.trainer.models import als
from services.trainer.ratings import Ratings
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.scorers import MatrixFactorization


def fit(ratings: Ratings, settings: TrainerSettings, workers: Workers) -> MatrixFactorization:
    """The biases of `ratings`: a factorization of rank 0."""
    return als.factorize(ratings, 0, settings, workers, "fit bias")
