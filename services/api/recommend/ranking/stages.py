"""How a list is made: candidates → filter → score → rerank → cut, pure functions in a list."""

from collections.abc import Iterator

import numpy as np

from services.api.recommend.ranking.filters import (
    active,
    among_only_items,
    described,
    matching,
    not_excluded,
    not_shown,
    unseen,
)
from services.api.recommend.ranking.list_request import ListRequest, Ranking, Stage
from services.api.recommend.ranking.reranking import diversify, make_room_for_new, pin
from services.api.recommend.ranking.scoring import boost, explore, order, score


def candidates(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """Every item, in the order of indices, not scored yet."""
    items = len(list_request.catalogue)
    return Ranking(np.arange(items), np.zeros(items, dtype=np.float32))


def cut(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """The first `top_n`."""
    return ranking.at(np.arange(min(list_request.options.top_n, len(ranking))))


STAGES: tuple[Stage, ...] = (
    candidates,
    active,
    described,
    unseen,
    not_excluded,
    not_shown,
    among_only_items,
    matching,
    score,
    boost,
    explore,
    order,
    diversify,
    make_room_for_new,
    pin,
    cut,
)

NOTHING = Ranking(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))


def replay(list_request: ListRequest) -> Iterator[tuple[Stage, Ranking]]:
    """Each stage and what it leaves, in their order."""
    ranking = NOTHING
    for stage in STAGES:
        ranking = stage(list_request, ranking)
        yield stage, ranking


def rank(list_request: ListRequest) -> tuple[Ranking, int]:
    """The list that the stages make, best first, and how many items were left behind the cut."""
    before, ranking = NOTHING, NOTHING
    for _stage, after in replay(list_request):
        before, ranking = ranking, after
    return ranking, len(before) - len(ranking)
