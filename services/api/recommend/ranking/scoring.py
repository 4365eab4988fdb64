"""What each item is worth, and the order that follows from it."""

from dataclasses import replace

import numpy as np

from services.api.recommend.ranking.list_request import ListRequest, Ranking
from shared.arrays.types import Float32, Mask


def score(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """What the scorer thinks of each item."""
    return replace(ranking, scores=list_request.scores[ranking.items])


def boost(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """The configured rules: move items by so many standard deviations of the scores."""
    if not list_request.snapshot.rules.boosted or not len(ranking):
        return ranking
    moved = boosts(list_request)[ranking.items] * ranking.scores.std()
    return replace(ranking, scores=ranking.scores + moved)


def boosts(list_request: ListRequest) -> Float32:
    """By how many standard deviations each item moves, float32[items]."""
    catalogue = list_request.catalogue
    moved = np.zeros(len(catalogue), dtype=np.float32)
    for rule in list_request.snapshot.rules.boosted:
        if rule.category is not None:
            moved[catalogue.categories.any_of([rule.category])] += rule.by
        elif (item := catalogue.find(rule.item_id or "")) >= 0:
            moved[item] += rule.by
    return moved


def explore(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """`exploration`: draw each score from what the model takes for possible (Thompson sampling,
    Chapelle & Li 2011), its standard deviation narrowed by what was asked for."""
    exploration = np.float32(list_request.options.exploration)
    if not exploration:
        return ranking
    drawn = list_request.rng().standard_normal(len(list_request.catalogue), dtype=np.float32)
    moved = exploration * list_request.score_std * drawn
    return replace(ranking, scores=ranking.scores + moved[ranking.items])


def order(list_request: ListRequest, ranking: Ranking) -> Ranking:
    """The best `pool` first, best first, and then the others as they come; of equal scores the
    smaller index, so that lists are stable."""
    is_best = _at_least_nth(ranking.scores, list_request.pool)
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
