"""Bayesian matrix factorization by Gibbs sampling (Salakhutdinov & Mnih 2008), with what is known
of users and items in their prior means (Simm et al. 2015)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from pydantic import PositiveInt

from services.trainer.data.dataset import Dataset
from services.trainer.models import settings as shared
from services.trainer.models.contract import Variant, single_variant, without_ratings
from services.trainer.models.settings import Rank, Space
from shared.scorers import BayesianFactorization

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

MOST_RATINGS = 5_000_000  # 35 s of one core per million, twice

SCORER = BayesianFactorization
BASELINE = False
SPACE: Space = {}  # its hyper-parameters are drawn with the rest


class Settings(shared.Settings):
    """How many factors and samples."""

    bayesian_rank: Rank = 22
    """Factors per user and item; 10 to 30 differ by .002 RMSE, 22 fill 24 columns."""

    bayesian_burn_in: PositiveInt = 20
    """Sweeps that are forgotten; the error of a single draw is flat from there on."""

    bayesian_samples: PositiveInt = 32
    """Samples that serve; 16 cost .001 RMSE on MovieLens 1M, 8 cost .003."""

    bayesian_spacing: PositiveInt = 5
    """Sweeps from one sample to the next."""


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """Why the model cannot be fitted to this data, or None."""
    if dataset.ratings is None or len(dataset.ratings) <= MOST_RATINGS:
        return without_ratings(dataset)
    return f"{len(dataset.ratings):,} ratings are more than {MOST_RATINGS:,}, which take minutes"


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """As it is set."""
    return single_variant(fit, dataset, settings, workers)


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> BayesianFactorization:
    """settings.bayesian_samples samples of the items, and of who users may be."""
    from services.trainer.models.bayesian.model import Sampling, sample

    sampling = Sampling(
        rank=settings.bayesian_rank,
        burn_in=settings.bayesian_burn_in,
        samples=settings.bayesian_samples,
        spacing=settings.bayesian_spacing,
    )
    return sample(dataset, sampling, settings.seed, workers)
