"""What cannot be in a list leaves before it is cut, so that the list is filled all the same."""

import numpy as np

from services.api.live.catalogue import ItemIndices
from services.api.recommend.ranking.query import Query, Ranking
from shared.arrays.types import Mask


def active(query: Query, ranking: Ranking) -> Ranking:
    """Keep what is offered: `is_active`."""
    return ranking.at(query.catalogue.is_active[ranking.items])


def unseen(query: Query, ranking: Ranking) -> Ranking:
    """`exclude_rated`: drop what is in the user's history."""
    return _without(query.seen, query, ranking) if query.options.exclude_rated else ranking


def not_excluded(query: Query, ranking: Ranking) -> Ranking:
    """`exclude_items`: drop what the request names."""
    return _without(query.catalogue.find_all(query.options.exclude_items), query, ranking)


def not_shown(query: Query, ranking: Ranking) -> Ranking:
    """`cursor`: drop what the pages before have shown."""
    return _without(query.shown, query, ranking)


def among_only_items(query: Query, ranking: Ranking) -> Ranking:
    """`only_items`: keep what the request names."""
    if query.options.only_items is None:
        return ranking
    return ranking.at(
        _named(query.catalogue.find_all(query.options.only_items), query)[ranking.items]
    )


def in_categories(query: Query, ranking: Ranking) -> Ranking:
    """`categories`: keep what is in one of them."""
    if query.options.categories is None:
        return ranking
    return ranking.at(query.catalogue.in_categories(query.options.categories)[ranking.items])


def _without(items: ItemIndices, query: Query, ranking: Ranking) -> Ranking:
    return ranking.at(~_named(items, query)[ranking.items]) if len(items) else ranking


def _named(items: ItemIndices, query: Query) -> Mask:
    """Which items are among these, bool[items]; -1 names none."""
    named = np.zeros(len(query.catalogue), dtype=np.bool_)
    named[items[items >= 0]] = True
    return named
