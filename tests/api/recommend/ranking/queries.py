"""Queries over the small version: 20 items of fashion, then 20 of tech, the last one inactive."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.recommend.profile import NO_ITEMS
from services.api.recommend.ranking.query import Query, Ranking, Stage
from services.api.recommend.rules import Rules
from services.api.schemas.recommendations import ListOptions

TECH = 20  # index of the first item of tech


def query(
    catalogue: Catalogue,
    scores: Mapping[int, float] | None = None,
    *,
    seen: Iterable[int] = (),
    shown: Iterable[int] = (),
    rules: Rules | None = None,
    vectors: np.ndarray[Any, np.dtype[np.float32]] | None = None,
    score_std: float = 0,
    chance: int = 1,
    new_share: float = 0,
    pool: int = 1000,
    **asked: Any,
) -> Query:
    """A query where all items but those of `scores` score 0; without `vectors` the model knows of
    no likeness."""
    every = np.zeros(len(catalogue), dtype=np.float32)
    for item, one in (scores or {}).items():
        every[item] = one
    known = np.empty((len(catalogue), 0), dtype=np.float32) if vectors is None else vectors
    return Query(
        catalogue=catalogue,
        options=ListOptions(**asked),
        rules=rules or Rules(),
        scores=every,
        score_std=lambda: np.full(len(catalogue), score_std, dtype=np.float32),
        vectors=lambda items: known[items],
        seen=np.array([*seen], dtype=np.int64),
        shown=np.array([*shown], dtype=np.int64) if shown else NO_ITEMS,
        chance=chance,
        new_share=new_share,
        pool=pool,
    )


def ranking(query: Query, items: Iterable[int] | None = None) -> Ranking:
    """Items with their scores, in this order; all of them without a choice."""
    chosen = np.arange(len(query.catalogue)) if items is None else np.array([*items], dtype=int)
    return Ranking(chosen, query.scores[chosen])


def left(stage: Stage, query: Query, items: Iterable[int] | None = None) -> list[int]:
    """What a stage leaves, in its order."""
    after = stage(query, ranking(query, items))
    assert len(after.items) == len(after.scores)
    return [int(item) for item in after.items]
