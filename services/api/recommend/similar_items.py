"""Items that are like an item, by what the ranker learned of them."""

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.held_back import HeldBack
from services.api.recommend.scorer_choice import item_vectors
from services.api.schemas.items import SimilarItem, SimilarResponse
from shared.arrays.types import Float32


def similar_items(
    catalogue: Catalogue, held_back: HeldBack, item_id: str, top_n: int
) -> SimilarResponse:
    """The active items most like one that the catalogue has, best first; of those that are held
    back none but the one that is asked about."""
    item = catalogue.find(item_id)
    likeness, by_model = _likeness(catalogue, item)
    is_offered = held_back.offered(catalogue)
    is_offered[item] = False
    other_items = np.flatnonzero(is_offered)
    best = other_items[np.lexsort((other_items, -likeness[other_items]))][:top_n]
    if not by_model:
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
        source="model" if by_model else "category",
        model_version=catalogue.version.name,
    )


def _likeness(catalogue: Catalogue, item: int) -> tuple[Float32, bool]:
    """How like an item all are, float32[items], and whether the ranker says so.

    A ranker without item vectors, or one that knows nothing of the item, knows of no likeness: what
    is in the same category, the most popular first, between 0 and 1.
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
    same = catalogue.category_codes == catalogue.category_codes[item]
    share: Float32 = same * (1 + popularity) / (1 + popularity.max())
    return share
