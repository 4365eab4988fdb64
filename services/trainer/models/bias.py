"""User and item biases alone: what every personal model has to beat (Koren 2010, section 2.1)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from services.trainer.data.dataset import Dataset
from services.trainer.models import als
from services.trainer.models.contract import Variant, single_variant, without_ratings
from services.trainer.models.settings import Space
from shared.scorers import MatrixFactorization

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

Settings = als.Settings  # als without factors
SCORER = MatrixFactorization
BASELINE = True
SPACE: Space = {}


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """Why the model cannot be fitted to this data, or None."""
    return without_ratings(dataset)


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """As it is set."""
    return single_variant(fit, dataset, settings, workers)


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> MatrixFactorization:
    """The biases of the dataset's ratings: a factorization of rank 0."""
    return als.factorized(dataset, 0, settings, workers, "fit bias")
