"""What orders a list: a scorer, asked with a history, or with what is known instead of one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.api.live.catalogue import Catalogue, ItemIndices
from services.api.problems import NoRatingModel
from services.api.schemas.recommendations import ListSource, RankBy
from shared.arrays.types import Float32
from shared.artifacts.versions import Version
from shared.scorers import Scorer
from shared.scorers.histories import History

NON_PERSONAL: dict[str, ListSource] = {"popularity": "popular", "bias": "best_rated"}
"""The models that order items alike for everyone, and what their lists are called."""


@dataclass(frozen=True)
class UserScorer:
    """A scorer's view of all items: `vector` float32[k] is that of `history`; `source` names the
    lists that it makes."""

    scorer: Scorer
    history: History
    vector: Float32
    source: ListSource

    @property
    def is_personal(self) -> bool:
        return self.source in ("personal", "session")


def choose_user_scorer(version: Version, history: History, rank_by: RankBy) -> UserScorer:
    """The user scorer that a list is ordered by; NoRatingModel where there is none by rating."""
    scorer, source = _chosen(version, history, rank_by)
    return UserScorer(scorer, history, scorer.fold_in(history), source)


def _chosen(version: Version, history: History, rank_by: RankBy) -> tuple[Scorer, ListSource]:
    if rank_by == "rating":
        if version.rater is None:
            raise NoRatingModel(
                f'rank_by: "rating" needs ratings, and the data of version {version.name} has '
                'none. Use "relevance".'
            )
        known = version.rater.knows(history)
        return version.rater, _source(version.manifest.rating_model) if known else "best_rated"
    if version.ranker.knows(history):
        return version.ranker, _source(version.manifest.ranker)
    # Views alone tell a rating model nothing.
    strangers = version.content.fallback
    declared = bool(len(strangers.lifts)) and bool(history.attributes.any())
    return strangers, ("attributes" if declared else "popular")


def _source(model: str | None) -> ListSource:
    return NON_PERSONAL.get(model or "", "personal")


def scores_of(catalogue: Catalogue, user_scorers: Sequence[UserScorer]) -> Float32:
    """The scores of every item by user scorers that share one scorer, float32[n, items]."""
    vectors = np.stack([user_scorer.vector for user_scorer in user_scorers])
    return catalogue.extended(user_scorers[0].scorer.score(vectors))


def vectors_of(catalogue: Catalogue, scorer: Scorer, items: ItemIndices) -> Float32:
    """What the scorer knows of items, float32[n, d]: of new ones what is known of those that stand
    for them."""
    if not catalogue.is_new(items).any():
        return scorer.item_vectors(items)
    neighbours = catalogue.neighbours(items)
    return neighbours.means(scorer.item_vectors(neighbours.members).T).T


def score_stds(catalogue: Catalogue, user_scorer: UserScorer, scores: Float32) -> Float32:
    """How uncertain each of `scores` float32[items] is, as a standard deviation, float32[items].

    A new item is one of its kind: what is uncertain of them, and how they differ.
    """
    known = user_scorer.scorer.score_std(user_scorer.history)
    if not catalogue.new:
        return known
    variances = catalogue.extended(known[None] ** 2)[0]
    trained = scores[None, : catalogue.trained]
    mean, square = catalogue.extended(trained)[0], catalogue.extended(trained**2)[0]
    variances[catalogue.trained :] += np.maximum(square - mean**2, 0)[catalogue.trained :]
    deviations: Float32 = np.sqrt(variances)
    return deviations
