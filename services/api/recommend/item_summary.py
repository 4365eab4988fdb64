"""What is known of items: what is declared of them, and what the served version learned."""

from bisect import bisect_right
from collections.abc import Iterator
from heapq import merge
from itertools import islice

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.schemas.items import Item, ItemResponse, ItemsResponse
from shared.database.tables import from_epoch_ms
from shared.scorers.histories import NO_TIME


def list_items(catalogue: Catalogue, limit: int, cursor: str) -> ItemsResponse:
    """A page of all items, in the byte order of their ids, of those that come after `cursor`."""
    page = [*islice(_ids_after(catalogue, cursor), limit + 1)]
    return ItemsResponse(
        items=[_row(catalogue, catalogue.find(item_id)) for item_id in page[:limit]],
        total_count=len(catalogue),
        next_cursor=page[limit - 1] if len(page) > limit else None,
        model_version=catalogue.version.name,
    )


def _ids_after(catalogue: Catalogue, cursor: str) -> Iterator[str]:
    """The ids after one, in their order, which is that of their bytes in UTF-8."""
    trained, new = catalogue.version.content.items, catalogue.new_ids
    return merge(
        (trained[index] for index in range(bisect_right(trained, cursor), len(trained))),
        islice(new, bisect_right(new, cursor), None),
    )


def _row(catalogue: Catalogue, item: int) -> Item:
    created_at = int(catalogue.created_at[item])
    return Item(
        item_id=catalogue.item_id(item),
        title=catalogue.title(item),
        categories=catalogue.categories.of_item(item),
        attributes=catalogue.attributes.of(item),
        is_active=bool(catalogue.is_active[item]),
        created_at=None if created_at == NO_TIME else from_epoch_ms(created_at),
    )


def describe_item(catalogue: Catalogue, item: int) -> ItemResponse:
    """An item of the catalogue."""
    counts, is_trained = catalogue.version.content.n_interactions, item < catalogue.trained
    return ItemResponse(
        **vars(_row(catalogue, item)),
        known_to_model=is_trained,
        num_interactions=int(counts[item]) if counts is not None and is_trained else None,
        num_users=_num_users(catalogue, item) if is_trained else None,
        model_version=catalogue.version.name,
    )


def _num_users(catalogue: Catalogue, item: int) -> int:
    """How many people did anything to a trained item, at training."""
    return int(np.count_nonzero(catalogue.version.content.histories.item_indices == item))
