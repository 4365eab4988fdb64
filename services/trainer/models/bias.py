"""User and item biases alone: what every personal model has to beat (Koren 2010, section 2.1)."""

from services.trainer.data.dataset import Dataset
from services.trainer.models import als
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.scorers import MatrixFactorization


def fit(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> MatrixFactorization:
    """The biases of the dataset's ratings: a factorization of rank 0."""
    return als.factorize(dataset.rated(), 0, settings, workers, "fit bias")
