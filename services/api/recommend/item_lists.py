"""Lists for nobody in particular: what is popular, and what came last."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic_core import to_json

from services.api.live.catalogue import Catalogue
from services.api.live.trend import Trend
from services.api.recommend.ranking.list_request import Snapshot
from services.api.recommend.shown_fields import shown_fields
from services.api.schemas.filters.conditions import ItemFilter
from shared.arrays.types import Float32, Indices, Mask
from shared.database.tables import from_epoch_ms
from shared.scorers.histories import NO_TIME


def popular_items(
    snapshot: Snapshot, item_filter: ItemFilter | None, top_n: int, fields: Sequence[str] | None
) -> bytes:
    """The items that lists may show and that most people want, at training and since, as JSON; of
    equals the smaller index first."""
    catalogue = snapshot.catalogue
    scores = _popularity(catalogue, snapshot.trend)
    is_offered = snapshot.held_back.offered(catalogue)
    offered = np.flatnonzero(_matching(catalogue, is_offered, item_filter))
    best = offered[np.lexsort((offered, -scores[offered]))][:top_n]
    said = [{"score": round(score, 6)} for score in scores[best].tolist()]
    return _as_json(catalogue, best, said, fields)


def latest_items(
    catalogue: Catalogue, item_filter: ItemFilter | None, top_n: int, fields: Sequence[str] | None
) -> bytes:
    """The active items that somebody described, the newest first, as JSON; last those of which
    nobody knows since when they are there."""
    is_offered = catalogue.is_active & catalogue.is_described
    offered = np.flatnonzero(_matching(catalogue, is_offered, item_filter))
    newest = offered[np.lexsort((offered, ~catalogue.created_at[offered]))][:top_n]
    said = [{"created_at": _moment(moment)} for moment in catalogue.created_at[newest].tolist()]
    return _as_json(catalogue, newest, said, fields)


def _matching(catalogue: Catalogue, is_offered: Mask, item_filter: ItemFilter | None) -> Mask:
    return is_offered if item_filter is None else is_offered & catalogue.matching(item_filter)


def _popularity(catalogue: Catalogue, trend: Trend) -> Float32:
    """How many want each item, float32[items]: nobody did at training what came since."""
    scores = np.zeros((1, len(catalogue)), dtype=np.float32)
    scores[0, : catalogue.trained] = catalogue.version.content.popularity
    risen: Float32 = trend.added_to(scores, catalogue)[0]
    return risen


def _moment(milliseconds: int) -> str | None:
    if milliseconds == NO_TIME:
        return None
    return from_epoch_ms(milliseconds).isoformat().replace("+00:00", "Z")


def _as_json(
    catalogue: Catalogue,
    items: Indices,
    said: Sequence[dict[str, Any]],
    fields: Sequence[str] | None,
) -> bytes:
    shown = shown_fields(catalogue, fields)
    listed = [
        {"rank": rank, "item_id": catalogue.item_id(item), **of_list, **shown(item)}
        for rank, (item, of_list) in enumerate(zip(items.tolist(), said, strict=True), start=1)
    ]
    answer = {
        "items": listed,
        "total_count": len(listed),
        "model_version": catalogue.version.name,
    }
    return to_json(answer)
