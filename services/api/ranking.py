"""How a list is made: candidates → filter → score → cut, pure functions in a list.

What reorders a list for other reasons than its scores belongs between score and cut.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.histories import Floats
from shared.scorers import Scorer

ItemIndices = NDArray[np.int64]


@dataclass(frozen=True)
class Query:
    """What a list is asked for: `vector` float32[k] is the scorer's of the user, `is_active`
    bool[items], `excluded` item indices int64[any]."""

    scorer: Scorer
    vector: Floats
    is_active: NDArray[np.bool_]
    excluded: ItemIndices
    top_n: int


@dataclass(frozen=True)
class Ranking:
    """The items still in the running, int64[n], and the score of each, float32[n]."""

    items: ItemIndices
    scores: Floats


Stage = Callable[[Query, Ranking], Ranking]


def candidates(query: Query, ranking: Ranking) -> Ranking:
    """Every active item, in the order of indices, not scored yet."""
    items = np.flatnonzero(query.is_active)
    return Ranking(items, np.zeros(len(items), dtype=np.float32))


def leave_out_excluded(query: Query, ranking: Ranking) -> Ranking:
    """Drop the excluded items."""
    wanted = np.ones(len(query.is_active), dtype=np.bool_)
    wanted[query.excluded] = False
    kept = wanted[ranking.items]
    return Ranking(ranking.items[kept], ranking.scores[kept])


def score(query: Query, ranking: Ranking) -> Ranking:
    """What the scorer thinks of each item."""
    return replace(ranking, scores=query.scorer.score(query.vector[None])[0, ranking.items])


def cut(query: Query, ranking: Ranking) -> Ranking:
    """The best `top_n`, best first; of equal scores the smaller index, so that lists are stable."""
    best = _at_least_nth(ranking.scores, query.top_n)
    order = best[np.lexsort((ranking.items[best], -ranking.scores[best]))][: query.top_n]
    return Ranking(ranking.items[order], ranking.scores[order])


def _at_least_nth(scores: Floats, n: int) -> NDArray[np.intp]:
    """Where scores are not below the n-th highest: sorting a million takes 140 ms, this 2."""
    if len(scores) <= n:
        return np.arange(len(scores))
    nth = np.partition(scores, len(scores) - n)[len(scores) - n]
    return np.flatnonzero(scores >= nth)


STAGES: tuple[Stage, ...] = (candidates, leave_out_excluded, score, cut)


def rank(query: Query, stages: tuple[Stage, ...] = STAGES) -> Ranking:
    """The list that the stages make, best first."""
    ranking = Ranking(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
    for stage in stages:
        ranking = stage(query, ranking)
    return ranking
