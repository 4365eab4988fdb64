"""Items that are like an item, by what the ranker learned of them."""

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.trend import Trend
from services.api.recommend.scorer_choice import item_vectors
from services.api.schemas.items import SimilarItem, SimilarResponse, SimilarSource
from shared.arrays.types import Float32


def similar_items(catalogue: Catalogue, trend: Trend, item_id: str, top_n: int) -> SimilarResponse:
    """The active items most like one that the catalogue has, best first."""
    item = catalogue.find(item_id)
    likeness, source = _likeness(catalogue, trend, item)
    other_items = np.flatnonzero(catalogue.is_active & (np.arange(len(catalogue)) != item))
    best = other_items[np.lexsort((other_items, -likeness[other_items]))][:top_n]
    if source != "model":
        best = best[likeness[best] > 0]
    return SimilarResponse(
        item_id=item_id,
        similar=[
            SimilarItem(
                rank=place,
                item_id=catalogue.item_id(other_item),
                similarity=round(float(likeness[other_item]), 6),
                title=catalogue.title(other_item),
                category=catalogue.category(other_item),
            )
            for place, other_item in enumerate(best.tolist(), start=1)
        ],
        source=source,
        model_version=catalogue.version.name,
    )


def _likeness(catalogue: Catalogue, trend: Trend, item: int) -> tuple[Float32, SimilarSource]:
    """How like an item all are, float32[items], and who says so.

    A ranker without item vectors, or one that knows nothing of the item, knows of no likeness: what
    is in the same category, the most popular first, between 0 and 1; all of what is popular where
    the item has no category, or has it alone.
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
    same = catalogue.category_codes == catalogue.category_codes[item]
    if not catalogue.category(item) or np.count_nonzero(same & catalogue.is_active) < 2:
        return shares, "popular"
    return same * shares, "category"
