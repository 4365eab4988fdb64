"""Implicit matrix factorization by alternating least squares (Hu, Koren & Volinsky 2008), with the
frequency-scaled regularization of Rendle, Krichene, Zhang & Koren 2021."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import PositiveFloat, PositiveInt

from services.trainer.data.dataset import Dataset
from services.trainer.models import settings as shared
from services.trainer.models.contract import Variant, recency_variants
from services.trainer.models.settings import Between, Rank, Space
from shared.scorers import ImplicitFactorization

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

LARGE = 200_000  # interactions
SMALL_RANK, LARGE_RANK = 64, 192
SHRINKAGE = 0.45  # NDCG is within 2 % of its best for .3 to .6 on five data sets
SHRINKAGES = (0.3, SHRINKAGE, 0.6)  # the best lies between on five data sets
LARGE_SHRINKAGE = 0.4  # the best on a validation part of MovieLens 1M

SCORER = ImplicitFactorization
BASELINE = False
SPACE: Space = {
    "ials_rank": Between(8, 256),
    "ials_unobserved_mass": Between(1.0, 50.0),
    "ials_shrinkage": Between(0.1, 2.0, start=SHRINKAGE),
}


class Settings(shared.Settings):
    """How many factors, what keeps them small, and what no interaction says."""

    ials_rank: Rank | None = None
    """Factors per user and item; empty: 64, or 192 from 200,000 interactions."""

    ials_unobserved_mass: PositiveFloat = 7.0
    """What all pairs without interaction weigh together, against all with; 7 suits every size."""

    ials_shrinkage: PositiveFloat | Literal["auto"] = "auto"
    """Penalty, 1: what noise alone would need; .3 to .6 suit most, auto chooses among them."""

    ials_sweeps: PositiveInt = 8
    """Rounds over all items and all users; NDCG is flat from there on."""


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """None: it suits all data."""
    return None


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """With each shrinkage and each recency that are left to auto."""
    again = partial(with_recency, dataset=dataset, workers=workers)
    for chosen in shrunk(dataset, settings):
        yield from recency_variants(partial(fit, dataset, workers=workers), again, dataset, chosen)


def shrunk(dataset: Dataset, settings: S) -> Iterator[S]:
    """The settings with each shrinkage that is left to auto; a fit each, so large data has one."""
    if settings.ials_shrinkage != "auto":
        yield settings
        return
    is_large = len(dataset.interactions) >= LARGE
    for shrinkage in (LARGE_SHRINKAGE,) if is_large else SHRINKAGES:
        yield settings.model_copy(update={"ials_shrinkage": shrinkage})


def by_size(dataset: Dataset, settings: Settings) -> dict[str, int]:
    """A value for each setting that is None because it follows from the data."""
    return {"ials_rank": rank(dataset, settings)}


def rank(dataset: Dataset, settings: Settings) -> int:
    """How many factors: settings.ials_rank, or what the number of interactions can fill."""
    is_large = len(dataset.interactions) >= LARGE
    return settings.ials_rank or (LARGE_RANK if is_large else SMALL_RANK)


def shrinkage(dataset: Dataset, settings: Settings) -> float:
    """settings.ials_shrinkage, or what suits most data of this size."""
    if settings.ials_shrinkage != "auto":
        return settings.ials_shrinkage
    return LARGE_SHRINKAGE if len(dataset.interactions) >= LARGE else SHRINKAGE


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> ImplicitFactorization:
    """The factorization of the dataset's histories with settings.ials_rank factors."""
    from services.trainer.models.implicit_factorization import Weights, factorize

    penalty = shrinkage(dataset, settings)
    return factorize(
        dataset.histories,
        len(dataset.items),
        rank(dataset, settings),
        Weights.of(dataset.histories, len(dataset.items), settings.ials_unobserved_mass, penalty),
        recency=settings.recency_half_life,
        sweeps=settings.ials_sweeps,
        seed=settings.seed,
        workers=workers,
        what=f"fit ials, shrinkage {penalty:g}",
    )


def with_recency(
    scorer: ImplicitFactorization, recency: float, dataset: Dataset, workers: "Workers"
) -> ImplicitFactorization:
    """The same items, and users solved anew with what `recency` leaves of their histories."""
    from services.trainer.models.implicit_factorization import solve_users

    return solve_users(scorer, dataset.histories, recency, workers)
