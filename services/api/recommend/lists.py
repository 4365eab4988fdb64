"""Lists as they are answered: the stages' ranking, with ids, ratings, sources and reasons."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import to_json

from services.api.live.new_items import ItemIndices
from services.api.recommend.explanations import reasons
from services.api.recommend.predictions import list_ratings
from services.api.recommend.ranking.list_request import ListRequest, Ranking
from services.api.recommend.ranking.reranking import pinned_places
from services.api.recommend.ranking.stages import rank
from services.api.recommend.scorer_choice import scores_of, source_of
from services.api.recommend.shown_fields import shown_fields
from services.api.schemas.recommendations import ListSource


def make_list(list_request: ListRequest) -> bytes:
    """A RecommendResponse as JSON, of a list that nothing goes on from."""
    return list_json(list_request, rank(list_request)[0], next_cursor=None)


def make_lists(list_requests: Sequence[ListRequest]) -> list[bytes]:
    """The lists of many of one moment, in their order: one product for all who share a scorer."""
    for together in _by_scorer(list_requests):
        first = together[0]
        user_scorers = [list_request.user_scorer for list_request in together]
        rows = scores_of(first.catalogue, first.snapshot.trend, user_scorers)
        for list_request, scores in zip(together, rows, strict=True):
            vars(list_request)["scores"] = scores  # the cached property, filled for all at once
    return [make_list(list_request) for list_request in list_requests]


def _by_scorer(list_requests: Sequence[ListRequest]) -> Iterator[list[ListRequest]]:
    together: dict[int, list[ListRequest]] = {}
    for list_request in list_requests:
        together.setdefault(id(list_request.user_scorer.scorer), []).append(list_request)
    return iter(together.values())


def list_json(list_request: ListRequest, ranking: Ranking, next_cursor: str | None) -> bytes:
    """The JSON of a RecommendResponse, in one pass: its schema is not built for each item."""
    return to_json(
        {
            "user_id": list_request.user_id,
            "recommendations": _recommendations(list_request, ranking),
            "total_count": len(ranking),
            "model_version": list_request.catalogue.version.name,
            "recommendation_id": list_request.list_id,
            "next_cursor": next_cursor,
        }
    )


def _recommendations(list_request: ListRequest, ranking: Ranking) -> list[dict[str, Any]]:
    catalogue, items = list_request.catalogue, ranking.items
    ratings = list_ratings(catalogue, list_request.user_scorer, items)
    sources = item_sources(list_request, items)
    shown = shown_fields(catalogue, list_request.options.fields)
    explanations = (
        reasons(list_request, items, sources)
        if list_request.options.explain
        else [None] * len(items)
    )
    return [
        {
            "rank": rank,
            "item_id": catalogue.item_id(item),
            "predicted_rating": rating,
            "score": round(float(score), 6),
            "source": source,
            **shown(item),
            "reason": reason,
        }
        for rank, (item, score, rating, source, reason) in enumerate(
            zip(items.tolist(), ranking.scores, ratings, sources, explanations, strict=True),
            start=1,
        )
    ]


def item_sources(list_request: ListRequest, items: ItemIndices) -> list[ListSource]:
    """Which way each item came."""
    catalogue, is_session = list_request.catalogue, list_request.user_id is None
    source = source_of(catalogue.version, list_request.user_scorer, is_session=is_session)
    pinned = {item for _place, item in pinned_places(list_request)}
    is_new = list_request.is_new(items)
    return [
        "pinned" if item in pinned else "new" if new else source
        for item, new in zip(items.tolist(), is_new.tolist(), strict=True)
    ]
