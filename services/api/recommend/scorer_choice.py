"""What orders somebody's list: the scorer that serves them, asked with their history."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.new_items import ItemIndices
from services.api.live.trend import Trend
from services.api.live.untrained import is_trained
from services.api.problems import NoRatingModel
from services.api.schemas.recommendations import ListSource
from shared.arrays.types import Float32
from shared.artifacts.versions import Version
from shared.scorers import Scorer
from shared.scorers.choice import RankBy, choose_scorer, is_known
from shared.scorers.histories import History

NON_PERSONAL: dict[str, ListSource] = {"popularity": "popular", "bias": "best_rated"}
"""The models that order items alike for everyone, and what their lists are called."""


@dataclass(frozen=True)
class UserScorer:
    """A scorer and the vector float32[k] that it makes of `history`; `model` is its name."""

    scorer: Scorer
    model: str
    history: History
    vector: Float32

    @property
    def is_personal(self) -> bool:
        """Whether the history is what orders the items."""
        return self.model not in NON_PERSONAL and is_known(self.scorer, self.history)


def require_scorers(version: Version, rank_by: RankBy) -> tuple[Scorer, Scorer]:
    """What orders lists, and those of strangers; NoRatingModel where there is none by rating."""
    scorers = version.scorers_by(rank_by)
    if scorers is None:
        reason = (
            f"needs ratings, and the data of version {version.name} has none"
            if is_trained(version)
            else "needs a model of ratings, and none is trained yet"
        )
        raise NoRatingModel(f'rank_by: "rating" {reason}. Use "relevance".')
    return scorers


def choose_user_scorer(version: Version, history: History, rank_by: RankBy) -> UserScorer:
    """What orders a list of somebody with this history; NoRatingModel as above."""
    scorer = choose_scorer(*require_scorers(version, rank_by), history)
    return UserScorer(scorer, _model(version, scorer), history, scorer.fold_in(history))


def _model(version: Version, scorer: Scorer) -> str:
    names = {id(model): name for name, model in version.content.models.items()}
    return names.get(id(scorer), "popularity")


def source_of(version: Version, user_scorer: UserScorer, *, is_session: bool) -> ListSource:
    """What lists by it are called."""
    if user_scorer.is_personal:
        return "session" if is_session else "personal"
    fallback = version.content.fallback
    if user_scorer.scorer is not fallback:
        return "best_rated"
    declared = bool(len(fallback.lifts)) and bool(user_scorer.history.attributes.any())
    return "attributes" if declared else "popular"


def scores_of(catalogue: Catalogue, trend: Trend, user_scorers: Sequence[UserScorer]) -> Float32:
    """The scores of every item by user scorers that share one scorer, float32[n, items].

    What many want since the training counts where popularity orders the list.
    """
    vectors = np.stack([user_scorer.vector for user_scorer in user_scorers])
    scorer = user_scorers[0].scorer
    scores = catalogue.extended(scorer.score(vectors))
    is_popularity = scorer is catalogue.version.content.fallback
    return trend.added_to(scores, catalogue) if is_popularity else scores


def item_vectors(catalogue: Catalogue, scorer: Scorer, items: ItemIndices) -> Float32:
    """What the scorer knows of items, float32[n, d]; of new ones, of their neighbours."""
    if not catalogue.is_new(items).any():
        return scorer.item_vectors(items)
    neighbours = catalogue.neighbours(items)
    return neighbours.means(scorer.item_vectors(neighbours.members).T).T


def score_std(
    catalogue: Catalogue, trend: Trend, user_scorer: UserScorer, scores: Float32
) -> Float32:
    """How uncertain each of `scores` float32[items] is, as a standard deviation, float32[items].

    Of a new item it is what is uncertain of its neighbours, and how they differ. Before the first
    training it is that of the people counted since, as of a popularity (Poisson).
    """
    if not is_trained(catalogue.version):
        counted: Float32 = np.sqrt(trend.of_items(catalogue))
        return counted
    known = user_scorer.scorer.score_std(user_scorer.history)
    if not catalogue.new:
        return known
    variances = catalogue.extended(known[None] ** 2)[0]
    trained = scores[None, : catalogue.trained]
    mean, square = catalogue.extended(trained)[0], catalogue.extended(trained**2)[0]
    variances[catalogue.trained :] += np.maximum(square - mean**2, 0)[catalogue.trained :]
    deviations: Float32 = np.sqrt(variances)
    return deviations
