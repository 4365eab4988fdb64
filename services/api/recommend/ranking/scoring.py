"""What each item is worth, and the order that follows from it."""

from dataclasses import replace

import numpy as np

from services.api.recommend.ranking.query import Query, Ranking
from shared.arrays.types import Float32, Mask


def score(query: Query, ranking: Ranking) -> Ranking:
    """What the scorer thinks of each item."""
    return replace(ranking, scores=query.scores[ranking.items])


def boost(query: Query, ranking: Ranking) -> Ranking:
    """The configured rules: move items by so many standard deviations of the scores."""
    boosts = query.rules.boosts(query.catalogue)
    if boosts is None or not len(ranking):
        return ranking
    moved = boosts[ranking.items] * ranking.scores.std()
    return replace(ranking, scores=ranking.scores + moved)


def explore(query: Query, ranking: Ranking) -> Ranking:
    """`exploration`: draw each score from what the model takes for possible (Thompson sampling,
    Chapelle & Li 2011), its standard deviation narrowed by what was asked for."""
    if not query.options.exploration:
        return ranking
    drawn = query.rng().standard_normal(len(query.catalogue), dtype=np.float32)
    moved = np.float32(query.options.exploration) * query.score_std() * drawn
    return replace(ranking, scores=ranking.scores + moved[ranking.items])


def order(query: Query, ranking: Ranking) -> Ranking:
    """The best `pool` first, best first, and then the others as they come; of equal scores the
    smaller index, so that lists are stable."""
    is_best = _at_least_nth(ranking.scores, query.pool)
    best = np.flatnonzero(is_best)
    best = best[np.lexsort((ranking.items[best], -ranking.scores[best]))]
    return ranking.at(np.concatenate([best, np.flatnonzero(~is_best)]))


def _at_least_nth(scores: Float32, n: int) -> Mask:
    """Which scores are not below the n-th highest, bool[items]."""
    if len(scores) <= n:
        return np.ones(len(scores), dtype=np.bool_)
    nth = np.partition(scores, len(scores) - n)[len(scores) - n]
    is_best: Mask = scores >= nth
    return is_best
