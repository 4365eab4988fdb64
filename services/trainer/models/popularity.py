"""How many people wanted an item lately: the baseline beside every number; and how many more or
fewer of those like somebody, where attributes of users are learned from."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from pydantic import PositiveFloat

from services.trainer.data.dataset import Dataset
from services.trainer.data.positives import Positives
from services.trainer.models import settings as shared
from services.trainer.models.contract import Variant, single_variant
from services.trainer.models.lifts import fit_lifts
from services.trainer.models.settings import Space
from shared.scorers import Popularity

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

SCORER = Popularity
BASELINE = True
SPACE: Space = {}


class Settings(shared.Settings):
    """How fast popularity fades."""

    popularity_half_life_days: PositiveFloat | Literal["auto", "off"] = "auto"
    """After so many days an event counts half in lists for strangers; auto: chosen on newcomers."""


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """None: it suits all data."""
    return None


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """As it is set."""
    return single_variant(fit, dataset, settings, workers)


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> Popularity:
    """Each user who did anything but dislike an item counts once, by the age of the last event.

    Age is from the newest event of all data, settings.popularity_half_life_days of it halve.
    Without such days (auto: they are found for what is published), or where data has no times,
    nothing ages. What people with an attribute want does not age.
    """
    positives, days = Positives.of(dataset), settings.popularity_half_life_days
    counts = positives.popularity(days if isinstance(days, float) and dataset.is_timed else None)
    rng = np.random.default_rng(settings.seed)
    lifts = fit_lifts(positives.item_sets(), dataset.of_users.values, len(dataset.items), rng)
    return Popularity(counts.astype(np.float32), lifts, dataset.histories)
