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
    Opinion,
    deviations_of,
    opinion_of,
    scores_of,
    vectors_of,
)
from services.api.schemas.recommendations import (
    ListSource,
    Recommendation,
    RecommendResponse,
    Steering,
)
from shared.scorers.histories import Floats

SCORES_AT_ONCE = 2**24  # 64 MiB: a thousand users with 16,000 items


@dataclass(frozen=True)
class Shelf:
    """What every list of a moment is made from; `new_share` of its places is for new items."""

    catalogue: Catalogue
    trend: Trend
    rules: Rules
    new_share: float


@dataclass(frozen=True)
class Wish:
    """A list that is asked for: for whom and how, under which name, after which items."""

    user_id: str | None
    profile: Profile
    asked: Steering
    list_id: str
    shown: ItemIndices = field(default_factory=lambda: NO_ITEMS)


def make_list(shelf: Shelf, wish: Wish) -> RecommendResponse:
    """The list that somebody gets."""
    opinion = opinion_on(shelf, wish)
    return _list(shelf, wish, opinion, query_for(shelf, wish, opinion, scores(shelf, [opinion])[0]))


def make_lists(shelf: Shelf, wishes: Sequence[Wish]) -> list[RecommendResponse]:
    """The lists of many, in their order: one matrix product for all who are scored alike."""
    opinions = [opinion_on(shelf, wish) for wish in wishes]
    made: dict[int, RecommendResponse] = {}
    for places in _together(opinions, SCORES_AT_ONCE // max(len(shelf.catalogue), 1) or 1):
        block = scores(shelf, [opinions[place] for place in places])
        for place, row in zip(places, block, strict=True):
            wish, opinion = wishes[place], opinions[place]
            made[place] = _list(shelf, wish, opinion, query_for(shelf, wish, opinion, row))
    return [made[place] for place in range(len(wishes))]


def _together(opinions: Sequence[Opinion], size: int) -> Iterator[list[int]]:
    """The places of opinions by the same scorer, up to `size` at a time."""
    by_source: dict[ListSource, list[int]] = {}
    for place, opinion in enumerate(opinions):
        by_source.setdefault(opinion.source, []).append(place)
    for places in by_source.values():
        for begin in range(0, len(places), size):
            yield places[begin : begin + size]


def opinion_on(shelf: Shelf, wish: Wish) -> Opinion:
    """What orders the list that is asked for."""
    opinion = opinion_of(shelf.catalogue.version, wish.profile.history, wish.asked.rank_by)
    if wish.user_id is None and opinion.source == "personal":
        return replace(opinion, source="session")
    return opinion


def scores(shelf: Shelf, opinions: Sequence[Opinion]) -> Floats:
    """The scores of opinions that share a scorer, float32[n, items]."""
    every = scores_of(shelf.catalogue, opinions)
    if opinions[0].source in ("popular", "attributes"):
        return shelf.trend.added_to(every, shelf.catalogue)
    return every


def query_for(shelf: Shelf, wish: Wish, opinion: Opinion, scores: Floats) -> Query:
    """What the stages of the ranker need."""
    return Query(
        catalogue=shelf.catalogue,
        asked=wish.asked,
        rules=shelf.rules,
        scores=scores,
        deviation=partial(deviations_of, shelf.catalogue, opinion, scores),
        vectors=partial(vectors_of, shelf.catalogue, opinion.scorer),
        seen=wish.profile.seen,
        shown=wish.shown,
        chance=int(wish.list_id[-16:], 16),
        new_share=shelf.new_share,
    )


def _list(shelf: Shelf, wish: Wish, opinion: Opinion, query: Query) -> RecommendResponse:
    ranking, left = rank(query)
    return RecommendResponse(
        user_id=wish.user_id,
        recommendations=_recommendations(shelf, wish, opinion, query, ranking),
        total_count=len(ranking),
        model_version=shelf.catalogue.version.name,
        recommendation_id=wish.list_id,
        next_cursor=wish.list_id if left else None,
    )


def _recommendations(
    shelf: Shelf, wish: Wish, opinion: Opinion, query: Query, ranking: Ranking
) -> list[Recommendation]:
    catalogue = shelf.catalogue
    items = ranking.items
    sources = sources_of(query, opinion, items)
    ratings = shown_ratings(catalogue, opinion, items)
    told = (
        reasons(catalogue, opinion, wish.profile, items, sources)
        if wish.asked.explain
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


def sources_of(query: Query, opinion: Opinion, items: ItemIndices) -> list[ListSource]:
    """Which way each item came."""
    pinned = {item for _place, item in query.rules.pins(query.catalogue, len(query.shown))}
    is_new = query.catalogue.is_new(items)
    return [
        "pinned" if item in pinned else "new" if new else opinion.source
        for item, new in zip(items.tolist(), is_new.tolist(), strict=True)
    ]
