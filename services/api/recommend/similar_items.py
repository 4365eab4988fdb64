"""Items that are like an item, by what the ranker learned of them."""

from collections.abc import Sequence

import numpy as np
from pydantic_core import to_json

from services.api.live.catalogue import Catalogue
from services.api.live.trend import Trend
from services.api.recommend.ranking.list_request import Snapshot
from services.api.recommend.scorer_choice import item_vectors
from services.api.recommend.shown_fields import shown_fields
from services.api.schemas.filters.conditions import ItemFilter
from services.api.schemas.items import SimilarSource
from shared.arrays.types import Float32


def similar_items(
    snapshot: Snapshot,
    item_id: str,
    top_n: int,
    item_filter: ItemFilter | None = None,
    fields: Sequence[str] | None = None,
) -> bytes:
    """The items that lists may show and that are most like one that the catalogue has, of those
    that fulfil the filter, best first: a SimilarResponse as JSON. The one that is asked about may
    be held back."""
    catalogue = snapshot.catalogue
    item = catalogue.find(item_id)
    likeness, source = _likeness(catalogue, snapshot.trend, item)
    is_offered = snapshot.held_back.offered(catalogue)
    is_offered[item] = False
    if item_filter is not None:
        is_offered &= catalogue.matching(item_filter)
    other_items = np.flatnonzero(is_offered)
    best = other_items[np.lexsort((other_items, -likeness[other_items]))][:top_n]
    if source != "model":
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
            "source": source,
            "model_version": catalogue.version.name,
        }
    )


def _likeness(catalogue: Catalogue, trend: Trend, item: int) -> tuple[Float32, SimilarSource]:
    """How like an item all are, float32[items], and who says so.

    A ranker without item vectors, or one that knows nothing of the item, knows of no likeness: what
    shares a category with it, the most popular first, between 0 and 1; all of what is popular where
    the item has no category, or shares it with none.
    """
    ranker = catalogue.version.ranker
    vector = item_vectors(catalogue, ranker, np.array([item]))[0]
    length = np.linalg.norm(vector)
    if not length:
        return _by_popularity(catalogue, trend, item)
    vectors = ranker.item_vectors(np.arange(catalogue.trained))
    lengths = np.linalg.norm(vectors, axis=1) * length
    cosines = vectors @ vector / np.where(lengths > 0, lengths, 1)
    return catalogue.extended(cosines[None])[0], "model"


def _by_popularity(catalogue: Catalogue, trend: Trend, item: int) -> tuple[Float32, SimilarSource]:
    popularity = catalogue.extended(catalogue.version.content.popularity[None])
    shares: Float32 = 1 + trend.added_to(popularity, catalogue)[0]
    shares /= shares.max()
    same = catalogue.categories.sharing(item)
    if not catalogue.categories.of_item(item) or np.count_nonzero(same & catalogue.is_active) < 2:
        return shares, "popular"
    return same * shares, "category"
