"""What reorders a list for other reasons than its scores."""

from collections.abc import Iterator

import numpy as np

from services.api.live.new_items import ItemIndices
from services.api.recommend.ranking.list_request import ListRequest, Ranking
from shared.arrays.types import Float32

DIVERSE_POOL = 10  # times the length of the list: deep enough to find something else


def diversify(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`diversity`: maximal marginal relevance (Carbonell & Goldstein 1998). Place by place the item
    with the highest (1 - diversity) · relevance - diversity · likeness to the most alike above
    it, relevance being the score between the pool's lowest, 0, and highest, 1."""
    weight = list_request.options.diversity
    pool = min(DIVERSE_POOL * list_request.options.top_n, len(ranking), list_request.pool)
    if not weight or pool < 2:
        return ranking
    scores = ranking.scores[:pool]
    lowest, highest = scores.min(), scores.max()
    relevance = (scores - lowest) / (highest - lowest or 1)
    units = _units(list_request, ranking.items[:pool])
    chosen: list[int] = []
    likeness = np.zeros(pool, dtype=np.float32)
    for _place in range(min(list_request.options.top_n, pool)):
        worth = (1 - weight) * relevance - weight * likeness
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
        np.maximum(likeness, units @ units[chosen[-1]], out=likeness)
    return ranking.at(_first(np.array(chosen), len(ranking)))


def _units(list_request: ListRequest, items: ItemIndices) -> Float32:
    """Vectors of length 1, by categories where the model knows of no likeness; float32[n, d]."""
    vectors = list_request.item_vectors(items)
    if not vectors.shape[1]:
        vectors = list_request.catalogue.categories.memberships(items)
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    lengths[lengths == 0] = 1
    units: Float32 = vectors / lengths
    return units


def make_room_for_new(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """New items get `new_share` of the places on average, however they score: the rest of a place
    is given out by chance. Each stands by its score, at the end of the list where it is behind. One
    place at least stays for those that are not new, and where too few of them are left new ones
    fill the list. With `only_items` scores alone decide."""
    is_new = list_request.is_new(ranking.items)
    if not is_new.any() or list_request.options.only_items is not None:
        return ranking
    top_n = list_request.options.top_n
    rng = list_request.rng()
    known, new = np.flatnonzero(~is_new), np.flatnonzero(is_new)
    room = min(int(list_request.snapshot.new_share * top_n + rng.random()), top_n - 1)
    room = max(room, top_n - len(known))  # rather new items than a short list
    # Of one kind all score alike: chance spreads what is shown.
    best = new[np.lexsort((rng.random(len(new)), -ranking.scores[new]))][:room]
    listed = np.sort(np.concatenate([known[: top_n - len(best)], best]))
    return ranking.at(_first(listed, len(ranking)))


def pin(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """The configured rules: put items that are in the running at their places of this page."""
    for place, item in pinned_places(list_request):
        where = np.flatnonzero(ranking.items == item)
        if len(where) and place < list_request.options.top_n:
            unpinned = np.delete(np.arange(len(ranking)), where)
            ranking = ranking.at(np.insert(unpinned, min(place, len(unpinned)), where))
    return ranking


def pinned_places(list_request: ListRequest) -> Iterator[tuple[int, int]]:
    """The place on this page, from 0, and the item index of each pin, first places first."""
    catalogue, shown = list_request.catalogue, len(list_request.shown)
    for rule in sorted(list_request.snapshot.rules.pinned, key=lambda rule: rule.rank):
        place, item = rule.rank - 1 - shown, catalogue.find(rule.item_id)
        if place >= 0 and item >= 0:
            yield place, item


def _first(places: ItemIndices, length: int) -> ItemIndices:
    """All places below `length`, those named first."""
    is_unnamed = np.ones(length, dtype=np.bool_)
    is_unnamed[places] = False
    return np.concatenate([places, np.flatnonzero(is_unnamed)])
