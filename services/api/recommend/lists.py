"""From what is known of somebody to the list that they get."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from services.api.live.catalogue import Catalogue, ItemIndices
from services.api.live.trend import Trend
from services.api.recommend.explanations import reasons
from services.api.recommend.predictions import shown_ratings
from services.api.recommend.profile import NO_ITEMS, Profile
from services.api.recommend.ranking.query import Query, Ranking
from services.api.recommend.ranking.stages import rank
from services.api.recommend.rules import Rules
from services.api.recommend.scorer_choice import (
    UserScorer,
    choose_user_scorer,
    score_stds,
    scores_of,
    vectors_of,
)
from services.api.schemas.recommendations import (
    ListOptions,
    ListSource,
    Recommendation,
    RecommendResponse,
)
from shared.arrays.types import Float32

SCORES_AT_ONCE = 2**24  # 64 MiB: a thousand users with 16,000 items


@dataclass(frozen=True)
class Snapshot:
    """What every list of a moment is made from; `new_share` of its places is for new items."""

    catalogue: Catalogue
    trend: Trend
    rules: Rules
    new_share: float


@dataclass(frozen=True)
class ListRequest:
    """A list that is asked for: for whom and how, under which name, after which items."""

    user_id: str | None
    profile: Profile
    options: ListOptions
    list_id: str
    shown: ItemIndices = field(default_factory=lambda: NO_ITEMS)


def make_list(snapshot: Snapshot, list_request: ListRequest) -> RecommendResponse:
    """The list that somebody gets."""
    user_scorer = user_scorer_for(snapshot, list_request)
    return _list(
        snapshot,
        list_request,
        user_scorer,
        query_for(snapshot, list_request, user_scorer, scores(snapshot, [user_scorer])[0]),
    )


def make_lists(snapshot: Snapshot, list_requests: Sequence[ListRequest]) -> list[RecommendResponse]:
    """The lists of many, in their order: one matrix product for all who are scored alike."""
    user_scorers = [user_scorer_for(snapshot, list_request) for list_request in list_requests]
    made: dict[int, RecommendResponse] = {}
    for places in _together(user_scorers, SCORES_AT_ONCE // max(len(snapshot.catalogue), 1) or 1):
        block = scores(snapshot, [user_scorers[place] for place in places])
        for place, row in zip(places, block, strict=True):
            list_request, user_scorer = list_requests[place], user_scorers[place]
            made[place] = _list(
                snapshot,
                list_request,
                user_scorer,
                query_for(snapshot, list_request, user_scorer, row),
            )
    return [made[place] for place in range(len(list_requests))]


def _together(user_scorers: Sequence[UserScorer], size: int) -> Iterator[list[int]]:
    """The places of those that share a scorer, up to `size` at a time."""
    by_source: dict[ListSource, list[int]] = {}
    for place, user_scorer in enumerate(user_scorers):
        by_source.setdefault(user_scorer.source, []).append(place)
    for places in by_source.values():
        for begin in range(0, len(places), size):
            yield places[begin : begin + size]


def user_scorer_for(snapshot: Snapshot, list_request: ListRequest) -> UserScorer:
    """What orders the list that is asked for."""
    user_scorer = choose_user_scorer(
        snapshot.catalogue.version, list_request.profile.history, list_request.options.rank_by
    )
    if list_request.user_id is None and user_scorer.source == "personal":
        return replace(user_scorer, source="session")
    return user_scorer


def scores(snapshot: Snapshot, user_scorers: Sequence[UserScorer]) -> Float32:
    """The scores of user scorers that share a scorer, float32[n, items]."""
    every = scores_of(snapshot.catalogue, user_scorers)
    if user_scorers[0].source in ("popular", "attributes"):
        return snapshot.trend.added_to(every, snapshot.catalogue)
    return every


def query_for(
    snapshot: Snapshot, list_request: ListRequest, user_scorer: UserScorer, scores: Float32
) -> Query:
    """What the stages of the ranker need."""
    return Query(
        catalogue=snapshot.catalogue,
        options=list_request.options,
        rules=snapshot.rules,
        scores=scores,
        score_std=partial(score_stds, snapshot.catalogue, user_scorer, scores),
        vectors=partial(vectors_of, snapshot.catalogue, user_scorer.scorer),
        seen=list_request.profile.seen,
        shown=list_request.shown,
        chance=int(list_request.list_id[-16:], 16),
        new_share=snapshot.new_share,
    )


def _list(
    snapshot: Snapshot, list_request: ListRequest, user_scorer: UserScorer, query: Query
) -> RecommendResponse:
    ranking, left = rank(query)
    return RecommendResponse(
        user_id=list_request.user_id,
        recommendations=_recommendations(snapshot, list_request, user_scorer, query, ranking),
        total_count=len(ranking),
        model_version=snapshot.catalogue.version.name,
        recommendation_id=list_request.list_id,
        next_cursor=list_request.list_id if left else None,
    )


def _recommendations(
    snapshot: Snapshot,
    list_request: ListRequest,
    user_scorer: UserScorer,
    query: Query,
    ranking: Ranking,
) -> list[Recommendation]:
    catalogue = snapshot.catalogue
    items = ranking.items
    sources = sources_of(query, user_scorer, items)
    ratings = shown_ratings(catalogue, user_scorer, items)
    told = (
        reasons(catalogue, user_scorer, list_request.profile, items, sources)
        if list_request.options.explain
        else [None] * len(items)
    )
    return [
        Recommendation(
            rank=place,
            item_id=catalogue.item_id(item),
            predicted_rating=rating,
            score=round(float(score), 6),
            source=source,
            title=catalogue.title(item),
            category=catalogue.category(item),
            reason=reason,
        )
        for place, (item, score, rating, source, reason) in enumerate(
            zip(items.tolist(), ranking.scores, ratings, sources, told, strict=True), start=1
        )
    ]


def sources_of(query: Query, user_scorer: UserScorer, items: ItemIndices) -> list[ListSource]:
    """Which way each item came."""
    pinned = {item for _place, item in query.rules.pins(query.catalogue, len(query.shown))}
    is_new = query.catalogue.is_new(items)
    return [
        "pinned" if item in pinned else "new" if new else user_scorer.source
        for item, new in zip(items.tolist(), is_new.tolist(), strict=True)
    ]
