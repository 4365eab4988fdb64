"""Items that are like an item, by what the ranker learned of them."""

from collections.abc import Sequence

import numpy as np
from pydantic_core import to_json

from services.api.live.catalogue import Catalogue
from services.api.recommend.scorer_choice import item_vectors
from services.api.recommend.shown_fields import shown_fields
from services.api.schemas.filters import ItemFilter
from shared.arrays.types import Float32


def similar_items(
    catalogue: Catalogue,
    item_id: str,
    top_n: int,
    item_filter: ItemFilter | None = None,
    fields: Sequence[str] | None = None,
) -> bytes:
    """The active items most like one that the catalogue has, of those that fulfil the filter, best
    first: a SimilarResponse as JSON."""
    item = catalogue.find(item_id)
    likeness, by_model = _likeness(catalogue, item)
    is_offered = np.array(catalogue.is_active)
    is_offered[item] = False
    if item_filter is not None:
        is_offered &= catalogue.matching(item_filter)
    other_items = np.flatnonzero(is_offered)
    best = other_items[np.lexsort((other_items, -likeness[other_items]))][:top_n]
    if not by_model:
        best = best[likeness[best] > 0]
    shown = shown_fields(catalogue, fields)
    similar = [
        {
            "rank": rank,
            "item_id": catalogue.item_id(other_item),
            "similarity": round(float(likeness[other_item]), 6),
            **shown(other_item),
        }
        for rank, other_item in enumerate(best.tolist(), start=1)
    ]
    return to_json(
        {
            "item_id": item_id,
            "similar": similar,
            "source": "model" if by_model else "category",
            "model_version": catalogue.version.name,
        }
    )


def _likeness(catalogue: Catalogue, item: int) -> tuple[Float32, bool]:
    """How like an item all are, float32[items], and whether the ranker says so.

    A ranker without item vectors, or one that knows nothing of the item, knows of no likeness: what
    shares a category with it, the most popular first, between 0 and 1.
    """
    ranker = catalogue.version.ranker
    vector = item_vectors(catalogue, ranker, np.array([item]))[0]
    length = np.linalg.norm(vector)
    if not length:
        return _by_category(catalogue, item), False
    vectors = ranker.item_vectors(np.arange(catalogue.trained))
    lengths = np.linalg.norm(vectors, axis=1) * length
    cosines = vectors @ vector / np.where(lengths > 0, lengths, 1)
    return catalogue.extended(cosines[None])[0], True


def _by_category(catalogue: Catalogue, item: int) -> Float32:
    popularity = catalogue.extended(catalogue.version.content.popularity[None])[0]
    share: Float32 = catalogue.categories.sharing(item) * (1 + popularity) / (1 + popularity.max())
    return share
