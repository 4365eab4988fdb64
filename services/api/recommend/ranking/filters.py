"""What cannot be in a list leaves before it is cut, so that the list is filled all the same."""

import numpy as np
from numpy.typing import NDArray

from services.api.live.catalogue import ItemIndices
from services.api.recommend.ranking.query import Query, Ranking


def active(query: Query, ranking: Ranking) -> Ranking:
    """Keep what is offered: `is_active`."""
    return ranking.at(query.catalogue.is_active[ranking.items])


def unseen(query: Query, ranking: Ranking) -> Ranking:
    """`exclude_rated`: drop what is in the user's history."""
    return _without(query.seen, query, ranking) if query.asked.exclude_rated else ranking


def not_excluded(query: Query, ranking: Ranking) -> Ranking:
    """`exclude_items`: drop what the request names."""
    return _without(query.catalogue.find_all(query.asked.exclude_items), query, ranking)


def not_shown(query: Query, ranking: Ranking) -> Ranking:
    """`cursor`: drop what the pages before have shown."""
    return _without(query.shown, query, ranking)


def among_only_items(query: Query, ranking: Ranking) -> Ranking:
    """`only_items`: keep what the request names."""
    if query.asked.only_items is None:
        return ranking
    return ranking.at(
        _named(query.catalogue.find_all(query.asked.only_items), query)[ranking.items]
    )


def in_categories(query: Query, ranking: Ranking) -> Ranking:
    """`categories`: keep what is in one of them."""
    if query.asked.categories is None:
        return ranking
    return ranking.at(query.catalogue.in_categories(query.asked.categories)[ranking.items])


def _without(items: ItemIndices, query: Query, ranking: Ranking) -> Ranking:
    return ranking.at(~_named(items, query)[ranking.items]) if len(items) else ranking


def _named(items: ItemIndices, query: Query) -> NDArray[np.bool_]:
    """Which items are among these, bool[items]; -1 names none."""
    named = np.zeros(len(query.catalogue), dtype=np.bool_)
    named[items[items >= 0]] = True
    return named
