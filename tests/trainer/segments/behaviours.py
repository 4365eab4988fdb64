"""Behaviour and items to describe segments by, from plain lists."""

from collections.abc import Sequence

import numpy as np

from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.item_descriptions import ItemDescriptions
from services.trainer.segments.segment_descriptions import describe
from shared.artifacts.id_map import IdMap
from shared.artifacts.segments import Segment
from shared.artifacts.text_column import TextColumn


def behaviour(*pairs: tuple[int, int], ratings: Sequence[float] | None = None) -> Behaviour:
    """Interactions of users with items, in which nothing is rated unless `ratings` says so."""
    users, items = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    values = np.full(len(pairs), np.nan) if ratings is None else np.array(ratings)
    return Behaviour(users, items, values)


def item_descriptions(
    categories: Sequence[str], titles: Sequence[str] | None = None
) -> ItemDescriptions:
    """Items with these categories, and with titles that number them unless `titles` are given."""
    ids = IdMap.of(f"i{item:04}" for item in range(len(categories)))
    names = [f"Title {item}" for item in range(len(categories))] if titles is None else titles
    return ItemDescriptions(ids, TextColumn.of(names), TextColumn.of(categories))


def pair() -> ItemDescriptions:
    """Two items of a category each."""
    return item_descriptions(["a", "b"])


def described(
    labels: Sequence[int], seen: Behaviour, items: ItemDescriptions, groups: int = 2
) -> list[Segment]:
    """What is said of the segments `labels` of users, all of them certain and stable."""
    array = np.array(labels, dtype=np.int16)
    certainty = np.ones(len(array), dtype=np.float32)
    return describe(array, certainty, np.ones(groups), seen, items)


def many(user: int, item: int, times: int) -> list[tuple[int, int]]:
    """The same interaction several times."""
    return [(user, item)] * times
