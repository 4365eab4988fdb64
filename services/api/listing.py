"""From a version and a live history to the list that a user gets."""

import numpy as np

from services.api.history import History
from services.api.problems import NoRatingModel
from services.api.ranking import ItemIndices, Query, Ranking, rank
from services.api.ratings import predicted_ratings, shown_ratings
from services.api.schemas.recommendations import (
    ListSource,
    Recommendation,
    RecommendRequest,
    RecommendResponse,
)
from shared.scorers import Scorer
from shared.versions import Version

NON_PERSONAL: dict[str, ListSource] = {"popularity": "popular", "bias": "best_rated"}
"""The models that order items alike for everyone, and what their lists are called."""

NO_ITEMS = np.empty(0, dtype=np.int64)


def make_list(
    version: Version, request: RecommendRequest, history: History | None, list_id: str
) -> RecommendResponse:
    """The list for a request; `history` is None where the database is away."""
    user_index = version.content.users.find(request.user_id)
    scorer, source = _choose_scorer(version, user_index, request)
    ranking = rank(
        Query(
            scorer=scorer,
            vector=scorer.vectors(np.array([user_index]))[0],
            is_active=version.content.is_active,
            excluded=_excluded(version, user_index, request, history),
            top_n=request.top_n,
        )
    )
    ratings = _ratings(version, user_index, scorer, ranking)
    return RecommendResponse(
        user_id=request.user_id,
        recommendations=_recommendations(version, ranking, ratings, source),
        total_count=len(ranking.items),
        model_version=version.name,
        recommendation_id=list_id,
    )


def _choose_scorer(
    version: Version, user_index: int, request: RecommendRequest
) -> tuple[Scorer, ListSource]:
    """What orders the list, and what the list is then called."""
    if request.rank_by == "rating":
        if version.rater is None:
            raise NoRatingModel(
                f'rank_by: "rating" needs ratings, and the data of version {version.name} has '
                'none. Use "relevance".'
            )
        known = version.rater.knows(version.content.histories[user_index])
        return version.rater, _source(version.manifest.rating_model) if known else "best_rated"
    if not version.ranker.knows(version.content.histories[user_index]):
        # Views alone tell a rating model nothing.
        return version.content.strangers, "popular"
    return version.ranker, _source(version.manifest.ranker)


def _source(model: str | None) -> ListSource:
    return NON_PERSONAL.get(model or "", "personal")


def _excluded(
    version: Version, user_index: int, request: RecommendRequest, history: History | None
) -> ItemIndices:
    """The items of the user's history, live and at training.

    A version does not know by which events an item was seen: where some do not count, its
    histories only stand in for a database that is away.
    """
    if not request.exclude_rated:
        return NO_ITEMS
    seen = version.content.histories[user_index].item_indices
    if history is None:
        return seen.astype(np.int64)
    live = version.content.items.find_all(history.item_ids)
    live = live[live >= 0]
    return np.concatenate([seen, live]) if history.counts_every_event else live


def _ratings(
    version: Version, user_index: int, scorer: Scorer, ranking: Ranking
) -> list[float | None]:
    if scorer is version.rater:
        return shown_ratings(version, ranking.scores)
    return predicted_ratings(version, user_index, ranking.items)


def _recommendations(
    version: Version, ranking: Ranking, ratings: list[float | None], source: ListSource
) -> list[Recommendation]:
    content = version.content
    return [
        Recommendation(
            rank=place,
            item_id=content.items[item],
            predicted_rating=rating,
            score=round(float(score), 6),
            source=source,
            title=content.titles[item],
            category=content.categories[item],
        )
        for place, (item, score, rating) in enumerate(
            zip(ranking.items.tolist(), ranking.scores, ratings, strict=True), start=1
        )
    ]
