"""Why an item is not in a user's list: the stages of the ranker once more, one after the other."""

from dataclasses import replace

import numpy as np

from services.api.live.columns.masks import condition_mask
from services.api.live.new_items import ItemIndices
from services.api.recommend.explanations import reasons
from services.api.recommend.lists import item_sources
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
from services.api.recommend.ranking.stages import NOTHING, cut, replay
from services.api.schemas.recommendations import WhyNotResponse

DROPPED: dict[Stage, str] = {
    active: "It is not offered: is_active is false.",
    described: "Nobody has described it, and {users} of {needed} people used it "
    "(UNDESCRIBED_ITEM_USERS).",
    unseen: "It is in the user's history, and exclude_rated is true.",
    not_excluded: "The request names it under exclude_items.",
    not_shown: "A page before has shown it.",
    among_only_items: "The request ranks only_items, and it is none of them.",
    matching: "It does not fulfil {conditions}.",
}


def why_not(list_request: ListRequest, item_id: str) -> WhyNotResponse:
    """What becomes of an item that the catalogue has on its way into the list."""
    catalogue = list_request.catalogue
    item = catalogue.find(item_id)
    # All are put in order, so that each has a rank.
    dropping, before, after = _follow(replace(list_request, pool=len(catalogue)), item)
    rank, score = _place(before if dropping is cut else after, item)
    return WhyNotResponse(
        user_id=list_request.user_id or "",
        item_id=item_id,
        is_listed=dropping is None,
        stage=None if dropping is None else dropping.__name__,
        rank=rank,
        score=score,
        explanation=_explanation(list_request, item, dropping, rank, len(before)),
        model_version=catalogue.version.name,
    )


def _explanation(
    list_request: ListRequest, item: int, dropping: Stage | None, rank: int | None, ranked: int
) -> str:
    if dropping is None:
        items = np.array([item])
        [reason] = reasons(list_request, items, item_sources(list_request, items))
        return f"It is in the list, at rank {rank}. {reason.sentence}"
    if dropping is cut:
        return f"It ranks {rank} of {ranked}; the list ends at {list_request.options.top_n}."
    held_back = list_request.snapshot.held_back
    return DROPPED[dropping].format(
        users=held_back.users_of(item),
        needed=held_back.needed,
        conditions=_unfulfilled(list_request, item),
    )


def _unfulfilled(list_request: ListRequest, item: int) -> str:
    """The conditions of the request's filter that do not hold for the item, as they were asked."""
    item_filter, catalogue = list_request.item_filter, list_request.catalogue
    return " and ".join(
        condition.text
        for condition in (item_filter.conditions if item_filter else ())
        if not condition_mask(catalogue.categories, catalogue.attributes, condition)[item]
    )


def _follow(list_request: ListRequest, item: int) -> tuple[Stage | None, Ranking, Ranking]:
    """The stage that drops the item, None where all leave it, and what is left before and after."""
    before = NOTHING
    for stage, after in replay(list_request):
        if not len(_where(after, item)):
            return stage, before, after
        before = after
    return None, before, before


def _where(ranking: Ranking, item: int) -> ItemIndices:
    return np.flatnonzero(ranking.items == item)


def _place(ranking: Ranking, item: int) -> tuple[int | None, float | None]:
    """Rank and score of an item; None where it has none."""
    where = _where(ranking, item)
    if not len(where):
        return None, None
    return int(where[0]) + 1, round(float(ranking.scores[where[0]]), 6)
