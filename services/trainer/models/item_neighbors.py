"""Item neighbours: each item speaks for those that the same users chose, by the cosine of their
co-occurrence, shrunk where few chose both (Sarwar et al. 2001, "Item-based Collaborative Filtering
Recommendation Algorithms"; shrunk as Bell & Koren 2007, "Improved Neighborhood-based Collaborative
Filtering").

Nothing is inverted or iterated: it is fitted where EASE's penalty would be a guess, and each weight
can be checked by counting.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from services.trainer.data.dataset import Dataset
from services.trainer.models import ease
from services.trainer.models.contract import Variant, recency_variants
from services.trainer.models.settings import Space
from shared.scorers import ItemWeights

if TYPE_CHECKING:
    from services.trainer.models.solver import Workers

SCORER = ItemWeights
BASELINE = False
SPACE: Space = {}
Settings = ease.Settings
unsuited = ease.unsuited
"""The weights take as much memory as EASE's, and users count by their activity as they do there."""

# The best of 0, 10 and 50 users, and near the best of 20, 50, 100 and all neighbours, on rows held
# out of the training parts of MovieLens 100K and latest-small (docs/decisions/0008-rankers.md).
SHRINKAGE = 10.0
NEIGHBORS = 20

S = TypeVar("S", bound=ease.Settings)


def variants(dataset: Dataset, settings: S, workers: "Workers") -> Iterator[Variant[S]]:
    """With each recency that is left to auto."""
    fitted = partial(fit, dataset, workers=workers)
    return recency_variants(fitted, ease.with_recency, dataset, settings)


def fit(dataset: Dataset, settings: ease.Settings, workers: "Workers") -> ItemWeights:
    """The NEIGHBORS nearest items of each, and those as near as the last: memory grows with items².

    weights[j, i] = c_ji / (sqrt(c_jj c_ii) + SHRINKAGE), with c as in co_occurrences.
    """
    from services.trainer.models.item_weights import co_occurrences

    exponent = settings.ease_activity_exponent
    weights = co_occurrences(dataset.histories, len(dataset.items), exponent, workers.device)
    norms = weights.diagonal().sqrt()
    weights /= norms[:, None] * norms + SHRINKAGE
    weights.diagonal().zero_()
    if len(weights) > NEIGHBORS:
        weights[weights < weights.topk(NEIGHBORS, dim=0).values[-1]] = 0
    return ItemWeights(
        weights=weights.cpu().numpy(),
        recency=np.array([settings.recency_half_life], dtype=np.float32),
        histories=dataset.histories,
    )
