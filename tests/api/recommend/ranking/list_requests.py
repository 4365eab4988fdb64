"""Requests over the small version: 20 items of fashion, then 20 of tech, the last one inactive."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.trend import Trend
from services.api.recommend.profile import NO_ITEMS, Profile
from services.api.recommend.ranking.filter_sets import FilterSets
from services.api.recommend.ranking.list_request import ListRequest, Ranking, Snapshot, Stage
from services.api.recommend.rules import Rules
from services.api.schemas.recommendations import ListOptions
from shared.arrays.types import Float32
from shared.scorers.histories import History

TECH = 20  # index of the first item of tech


class Scored(ListRequest):
    """A request whose scores, their uncertainty and the items' vectors are given."""

    vectors: Float32

    def item_vectors(self, items: Any) -> Float32:
        chosen: Float32 = self.vectors[items]
        return chosen


def request_for(
    catalogue: Catalogue,
    scores: Mapping[int, float] | None = None,
    *,
    seen: Iterable[int] = (),
    shown: Iterable[int] = (),
    rules: Rules | None = None,
    vectors: Float32 | None = None,
    score_std: float = 0,
    chance: int = 1,
    new_share: float = 0,
    pool: int = 1000,
    **options: Any,
) -> ListRequest:
    """A request where all items but those of `scores` score 0; without `vectors` the model knows
    of no likeness."""
    all_scores = np.zeros(len(catalogue), dtype=np.float32)
    for item, item_score in (scores or {}).items():
        all_scores[item] = item_score
    chosen = ListOptions(**options)
    list_request = Scored(
        snapshot=Snapshot(catalogue, Trend({}), rules or Rules(), new_share),
        user_id="anybody",
        profile=Profile(History.empty(), np.array([*seen], dtype=np.int64)),
        options=chosen,
        list_id=f"version.{chance:016x}",
        shown=np.array([*shown], dtype=np.int64) if shown else NO_ITEMS,
        pool=pool,
        item_filter=FilterSets().item_filter(chosen.filter, chosen.categories),
    )
    vars(list_request).update(
        scores=all_scores,
        score_std=np.full(len(catalogue), score_std, dtype=np.float32),
        vectors=np.empty((len(catalogue), 0), dtype=np.float32) if vectors is None else vectors,
    )
    return list_request


def ranking(list_request: ListRequest, items: Iterable[int] | None = None) -> Ranking:
    """Items with their scores, in this order; all of them without a choice."""
    count = len(list_request.catalogue)
    chosen = np.arange(count) if items is None else np.array([*items], dtype=int)
    return Ranking(chosen, list_request.scores[chosen])


def left(stage: Stage, list_request: ListRequest, items: Iterable[int] | None = None) -> list[int]:
    """What a stage leaves, in its order."""
    after = stage(list_request, ranking(list_request, items))
    assert len(after.items) == len(after.scores)
    return [int(item) for item in after.items]
