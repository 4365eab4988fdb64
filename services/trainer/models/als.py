"""Biased matrix factorization by alternating least squares (Koren, Bell & Volinsky 2009)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from services.trainer.data.dataset import Dataset
from services.trainer.models import settings as shared
from services.trainer.models.contract import Variant, single_variant, without_ratings
from services.trainer.models.settings import Between, Rank, Space
from shared.scorers import MatrixFactorization

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

SCORER = MatrixFactorization
BASELINE = False
SPACE: Space = {
    "als_rank": Between(2, 48, log=False),
    "als_regularization": Between(0.5, 30.0),
    "als_regularization_per_rating": Between(0.001, 0.3),
}


class Settings(shared.Settings):
    """How many factors, and what keeps them and the biases small."""

    als_rank: Rank = 14
    """Factors per user and item; 10 to 32 differ by .001 RMSE on MovieLens, 14 fill 16 columns."""

    als_regularization: PositiveFloat = 4.5
    """Ridge penalty of each factor, for ratings in standard deviations; 7 suits noisier data."""

    als_regularization_per_rating: NonNegativeFloat = 0.05
    """Added to the penalty for each rating of a user or item: guards the large histories."""

    als_sweeps: PositiveInt = 10
    """Rounds over all items and all users; the validation error is flat from there on."""

    bias_regularization: PositiveFloat = 3.0
    """Ridge penalty of a user's and an item's bias, in als and bias."""


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """Why the model cannot be fitted to this data, or None."""
    return without_ratings(dataset)


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """As it is set."""
    return single_variant(fit, dataset, settings, workers)


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> MatrixFactorization:
    """The factorization of the dataset's ratings with settings.als_rank factors."""
    return factorized(dataset, settings.als_rank, settings, workers, "fit als")


def factorized(
    dataset: Dataset, rank: int, settings: Settings, workers: "Workers", what: str
) -> MatrixFactorization:
    """The factorization with so many factors: 0 leaves the biases alone. `what` names the bar."""
    from services.trainer.models.matrix_factorization import Penalties, factorize

    return factorize(
        dataset.rated(),
        rank,
        Penalties(
            factor=settings.als_regularization,
            factor_per_rating=settings.als_regularization_per_rating,
            bias=settings.bias_regularization,
        ),
        sweeps=settings.als_sweeps,
        seed=settings.seed,
        workers=workers,
        what=what,
    )
