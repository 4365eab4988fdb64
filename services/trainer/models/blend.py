"""Implicit matrix factorization and EASE together: the one knows tastes, the other which items go
with which, and lists by both are better than by either."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from services.trainer.data.dataset import Dataset
from services.trainer.models import ease, ials
from services.trainer.models.contract import Fitted, Variant, recency_variants
from services.trainer.models.settings import Space
from shared.scorers import Blend, ImplicitFactorization, ItemWeights

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

SCORER = Blend
BASELINE = False
SPACE: Space = {}
PARTS = ("ials", "ease")


class Settings(ease.Settings, ials.Settings):
    """Those of both; the blend has none of its own."""


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """Why the model cannot be fitted to this data, or None: it has to suit both."""
    return ials.unsuited(dataset, settings) or ease.unsuited(dataset, settings)


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """With each shrinkage and each recency that are left to auto."""
    again = partial(with_recency, dataset=dataset, workers=workers)
    for chosen in ials.shrunk(dataset, settings):
        yield from recency_variants(partial(fit, dataset, workers=workers), again, dataset, chosen)


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> Blend:
    """Both, fitted with the same settings; for a catalogue that EASE can take."""
    return Blend(ials.fit(dataset, settings, workers), ease.fit(dataset, settings, workers))


def from_fitted(parts: Mapping[str, Fitted[S]]) -> Fitted[S]:
    """The factors as they are, with their settings, and the item weights with their recency."""
    factors, items = parts["ials"].scorer, parts["ease"].scorer
    assert isinstance(factors, ImplicitFactorization)
    assert isinstance(items, ItemWeights)
    scorer = Blend(factors, ease.with_recency(items, float(factors.recency[0])))
    return Fitted(scorer, parts["ials"].settings)


def with_recency(scorer: Blend, recency: float, dataset: Dataset, workers: "Workers") -> Blend:
    """Both, with users of whom `recency` leaves less."""
    return Blend(
        ials.with_recency(scorer.factors, recency, dataset, workers),
        ease.with_recency(scorer.items, recency),
    )
