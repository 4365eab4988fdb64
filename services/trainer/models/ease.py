"""EASE: a linear item-item model in closed form (Steck 2019, "Embarrassingly Shallow Autoencoders
for Sparse Data")."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from services.trainer.data.dataset import Dataset
from services.trainer.models import settings as shared
from services.trainer.models.contract import Variant, recency_variants
from services.trainer.models.settings import Between, Space
from shared.scorers import ItemWeights

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

SCORER = ItemWeights
BASELINE = False
SPACE: Space = {"ease_regularization": Between(0.2, 100.0)}


class Settings(shared.Settings):
    """What keeps the weights small, and how large a catalogue may be."""

    ease_regularization: PositiveFloat = 5.0
    """Penalty of the item weights, in mean users per item."""

    ease_activity_exponent: NonNegativeFloat = 0.5
    """How much less each item of a long history counts than of a short one; 0: as much."""

    ease_max_items: PositiveInt = 5000
    """Above so many items ease is no candidate: it takes items² memory (100 MB) and items³ time."""


S = TypeVar("S", bound=Settings)


def unsuited(dataset: Dataset, settings: Settings) -> str | None:
    """Why the model cannot be fitted to this data, or None."""
    items, most = len(dataset.items), settings.ease_max_items
    return f"{items:,} items are more than EASE_MAX_ITEMS, {most:,}" if items > most else None


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """With each recency that is left to auto."""
    return recency_variants(partial(fit, dataset, workers=workers), with_recency, dataset, settings)


def fit(dataset: Dataset, settings: Settings, workers: "Workers") -> ItemWeights:
    """The weights of all items for each: memory and time grow with items² and items³.

    A user's row counts (rows / mean rows) ^ -settings.ease_activity_exponent: 0 is Steck's model.
    settings.ease_regularization is in mean users per item: 5 comes to l2 = 300 on MovieLens 100K
    and 1,350 on MovieLens 1M, where the best are 300 to 500 and 1,320.
    """
    from services.trainer.models.item_weights import item_weights

    histories, items = dataset.histories, len(dataset.items)
    weights = item_weights(
        histories,
        items,
        penalty=settings.ease_regularization * len(histories.item_indices) / items,
        exponent=settings.ease_activity_exponent,
        device=workers.device,
    )
    recency = np.array([settings.recency_half_life], dtype=np.float32)
    return ItemWeights(weights=weights, recency=recency, histories=histories)


def with_recency(scorer: ItemWeights, recency: float) -> ItemWeights:
    """The same weights, and users with what `recency` leaves of their histories."""
    return replace(scorer, recency=np.array([recency], dtype=np.float32))
