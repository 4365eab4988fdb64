"""What the module of a model says of it.

The module is read wherever settings are, so it imports torch inside `fit` alone: torch takes
seconds, and a wrong setting or `--if-none` beside a current version needs none of it. What torch
computes stands in a module beside it that is named like the scorer that comes of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar, runtime_checkable

from pydantic import BaseModel

from services.trainer.data.dataset import Dataset
from services.trainer.models.settings import Settings, Space
from shared.errors import SommelierError
from shared.scorers import Scorer, ScorerType
from shared.scorers.finite import NotFiniteError

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers
    from services.trainer.settings import TrainerSettings

S = TypeVar("S", bound=Settings)
T = TypeVar("T", bound=Scorer)

RECENCIES = (20.0, 10.0, 5.0)  # items; none is best where order means little, 5 on MovieLens


@dataclass(frozen=True)
class Variant(Generic[S]):
    """One choice of the settings that are left to auto, and how the model is fitted with it."""

    settings: S
    fit: Callable[[], Scorer]


@dataclass(frozen=True)
class Fitted(Generic[S]):
    """A model, and the settings that make it again."""

    scorer: Scorer
    settings: S


class Model(Protocol):
    """A module of this package."""

    @property
    def Settings(self) -> type[BaseModel]:
        """The model's own settings, a part of the trainer's."""

    @property
    def SCORER(self) -> ScorerType:
        """What it leaves behind to serve with; its `roles` are the model's."""

    @property
    def BASELINE(self) -> bool:
        """Whether it is evaluated beside every other model."""

    @property
    def SPACE(self) -> Space:
        """What `--search` tries of its settings."""

    def unsuited(self, dataset: Dataset, settings: "TrainerSettings") -> str | None:
        """Why the model cannot be fitted to this data, or None."""

    def variants(
        self, dataset: Dataset, settings: "TrainerSettings", workers: "Workers"
    ) -> Iterable[Variant["TrainerSettings"]]:
        """A variant for each choice that is left to auto; the first is the plainest."""

    def fit(self, dataset: Dataset, settings: "TrainerSettings", workers: "Workers") -> Scorer:
        """The model, fitted; NotFiniteError or torch's LinAlgError where it diverges."""


@runtime_checkable
class Sized(Protocol):
    """A model with settings that follow from the size of the data."""

    def by_size(self, dataset: Dataset, settings: "TrainerSettings") -> Mapping[str, int | float]:
        """A value for each of them; what was set stays."""


@runtime_checkable
class Composed(Protocol):
    """A model that can be made of others that were fitted already."""

    @property
    def PARTS(self) -> tuple[str, ...]:
        """The models that it is made of."""

    def from_fitted(
        self, parts: Mapping[str, Fitted["TrainerSettings"]]
    ) -> Fitted["TrainerSettings"]:
        """The model, given all of its PARTS."""


class DivergedError(SommelierError):
    """Ratings or penalties too large to compute with."""

    @classmethod
    def of(cls, model: str, what: str) -> Self:
        """`what` of the model is no finite number: its training, its scores, …"""
        return cls(
            f"The {what} of {model} came to no finite numbers: look for ratings far off the scale, "
            f"or for penalties ({model.upper()}_…) that are huge."
        )


@contextmanager
def named_divergence(model: str, what: str = "training") -> Iterator[None]:
    """DivergedError that names the model and `what` of it, for what is raised inside."""
    # Imported here: see above.
    import torch

    singular: type[Exception] = torch.linalg.LinAlgError  # type: ignore[attr-defined]
    try:
        yield
    except (NotFiniteError, singular) as error:
        raise DivergedError.of(model, what) from error


def single_variant(
    fit: Callable[[Dataset, S, "Workers"], Scorer],
    dataset: Dataset,
    settings: S,
    workers: "Workers",
) -> Iterator[Variant[S]]:
    """The one variant of a model of which nothing is left to auto."""
    plain = settings.without_recency()
    yield Variant(plain, partial(fit, dataset, plain, workers))


def recency_variants(
    fit: Callable[[S], T], with_recency: Callable[[T, float], T], dataset: Dataset, settings: S
) -> Iterator[Variant[S]]:
    """Without recency, and with each of RECENCIES where it is left to auto and order means
    anything: the fit is the same, and users are solved once more for each."""
    plain = settings.without_recency()
    fitted = cache(partial(fit, plain))
    yield Variant(plain, fitted)
    if settings.recency == "auto" and dataset.is_timed:
        for recency in RECENCIES:
            chosen = plain.model_copy(update={"recency": recency})
            yield Variant(chosen, partial(_again, fitted, with_recency, recency))


def _again(fitted: Callable[[], T], with_recency: Callable[[T, float], T], recency: float) -> T:
    return with_recency(fitted(), recency)


def without_ratings(dataset: Dataset) -> str | None:
    """Why a rating model cannot be fitted, or None where there are ratings."""
    return "the data has no ratings" if dataset.ratings is None else None
