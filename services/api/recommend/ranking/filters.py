"""What cannot be in a list leaves before it is cut, so that the list is filled all the same."""

import numpy as np

from services.api.live.new_items import ItemIndices
from services.api.recommend.ranking.list_request import ListRequest, Ranking
from shared.arrays.types import Mask


def active(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """Keep what is offered: `is_active`."""
    return ranking.at(list_request.catalogue.is_active[ranking.items])


def described(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """Keep what somebody has described or enough people have used, and whatever is named: by the
    request, under `only_items`, or by the operator's pins."""
    is_held_back = list_request.snapshot.held_back.mask
    if is_held_back is None or list_request.options.only_items is not None:
        return ranking
    kept = ~is_held_back
    pinned = (rule.item_id for rule in list_request.snapshot.rules.pinned)
    kept[_named(list_request.catalogue.find_all(pinned), list_request)] = True
    return ranking.at(kept[ranking.items])


def unseen(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`exclude_rated`: drop what is in the user's history."""
    if not list_request.options.exclude_rated:
        return ranking
    return _without(list_request.profile.seen, list_request, ranking)


def not_excluded(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`exclude_items`: drop what the request names."""
    excluded = list_request.catalogue.find_all(list_request.options.exclude_items)
    return _without(excluded, list_request, ranking)


def not_shown(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`cursor`: drop what the pages before have shown."""
    return _without(list_request.shown, list_request, ranking)


def among_only_items(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`only_items`: keep what the request names."""
    if list_request.options.only_items is None:
        return ranking
    named = list_request.catalogue.find_all(list_request.options.only_items)
    return ranking.at(_named(named, list_request)[ranking.items])


def matching(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`filter` and `categories`: keep what fulfils all their conditions."""
    if list_request.item_filter is None:
        return ranking
    return ranking.at(list_request.catalogue.matching(list_request.item_filter)[ranking.items])


def _without(items: ItemIndices, list_request: ListRequest, ranking: Ranking) -> Ranking:
    return ranking.at(~_named(items, list_request)[ranking.items]) if len(items) else ranking


def _named(items: ItemIndices, list_request: ListRequest) -> Mask:
    """Which items are among these, bool[items]; -1 names none."""
    named = np.zeros(len(list_request.catalogue), dtype=np.bool_)
    named[items[items >= 0]] = True
    return named
