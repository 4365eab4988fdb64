"""What is shown of the items of a list: `fields` of a request."""

from collections.abc import Callable, Sequence
from typing import Any

from services.api.live.catalogue import Catalogue

OF_THE_LIST = frozenset(
    {
        "rank",
        "item_id",
        "predicted_rating",
        "score",
        "similarity",
        "created_at",
        "source",
        "reason",
    }
)
"""What lists say themselves, whatever was asked for: no attribute takes its place."""

Shown = Callable[[int], dict[str, Any]]
"""What is shown of an item, by its index."""


def shown_fields(catalogue: Catalogue, fields: Sequence[str] | None) -> Shown:
    """Title and categories, or what `fields` name: these and attributes, null where an item does
    not have one."""
    title, categories = catalogue.title, catalogue.categories.of_item
    if fields is None:
        return lambda item: {"title": title(item), "categories": categories(item)}
    own: dict[str, Callable[[int], Any]] = {"title": title, "categories": categories}
    names = [name for name in dict.fromkeys(fields) if name not in OF_THE_LIST]
    if own.keys() >= {*names}:
        return lambda item: {name: own[name](item) for name in names}

    def shown(item: int) -> dict[str, Any]:
        attributes = catalogue.attributes.of(item)
        return {name: own[name](item) if name in own else attributes.get(name) for name in names}

    return shown
