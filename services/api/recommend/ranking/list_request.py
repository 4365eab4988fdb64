"""What goes through the stages: the list that is asked for, and the items still in the running."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.new_items import ItemIndices
from services.api.live.trend import Trend
from services.api.live.undescribed.held_back import NOTHING_HELD_BACK, HeldBack
from services.api.live.untrained import is_trained
from services.api.recommend.profile import NO_ITEMS, Profile
from services.api.recommend.rules import Rules
from services.api.recommend.scorer_choice import (
    UserScorer,
    choose_user_scorer,
    item_vectors,
    score_std,
    scores_of,
)
from services.api.schemas.filters.conditions import ItemFilter
from services.api.schemas.recommendations import ListOptions
from shared.arrays.types import Float32, Mask

POOL = 1_000  # of the best are put in order: sorting a million takes 140 ms, this 2


@dataclass(frozen=True)
class Snapshot:
    """What every list of a moment is made from; `new_share` of its places is for new items, and
    what is `held_back` has none."""

    catalogue: Catalogue
    trend: Trend
    rules: Rules
    new_share: float
    held_back: HeldBack = NOTHING_HELD_BACK


@dataclass(frozen=True)
class ListRequest:
    """A list to make: of which moment, for whom (None: a session) and how.

    `list_id` names it and draws what is left to chance, the same for the same list; `shown` are
    the item indices int64[any] of the pages before.
    """

    snapshot: Snapshot
    user_id: str | None
    profile: Profile
    options: ListOptions
    list_id: str
    shown: ItemIndices = field(default_factory=lambda: NO_ITEMS)
    pool: int = POOL
    item_filter: ItemFilter | None = None
    """What `filter` and `categories` of the options ask for, names looked up."""

    @property
    def catalogue(self) -> Catalogue:
        return self.snapshot.catalogue

    @cached_property
    def user_scorer(self) -> UserScorer:
        """What orders the list."""
        version = self.catalogue.version
        return choose_user_scorer(version, self.profile.history, self.options.rank_by)

    @cached_property
    def scores(self) -> Float32:
        """The score of every item of the catalogue, float32[items]."""
        scores: Float32 = scores_of(self.catalogue, self.snapshot.trend, [self.user_scorer])[0]
        return scores

    @cached_property
    def score_std(self) -> Float32:
        """How uncertain each score is, as a standard deviation, float32[items]."""
        return score_std(self.catalogue, self.snapshot.trend, self.user_scorer, self.scores)

    def is_new(self, items: ItemIndices) -> Mask:
        """Which of the items nothing is learned of yet, bool[n]: no training has seen them, and
        before the first one nobody has wanted them either."""
        is_new = self.catalogue.is_new(items)
        if is_trained(self.catalogue.version):
            return is_new
        return is_new & (self.snapshot.trend.of_items(self.catalogue)[items] <= 0)

    def item_vectors(self, items: ItemIndices) -> Float32:
        """Vectors float32[n, d] whose cosines say how alike items are; d = 0: unknown."""
        return item_vectors(self.catalogue, self.user_scorer.scorer, items)

    def rng(self) -> np.random.Generator:
        return np.random.default_rng(int(self.list_id[-16:], 16))


@dataclass(frozen=True)
class Ranking:
    """The items still in the running, int64[n], and the score of each, float32[n]; from `order` on
    the best first."""

    items: ItemIndices
    scores: Float32

    def at(self, places: ItemIndices | Mask) -> "Ranking":
        """What is at these places, in their order; bool[n] keeps those where it holds."""
        if places.dtype == np.bool_:
            places = np.flatnonzero(places)  # a mask of half of 20,000 would take 30 µs each time
        return Ranking(self.items[places], self.scores[places])

    def __len__(self) -> int:
        return len(self.items)


Stage = Callable[[ListRequest, Ranking], Ranking]
"""A pure function; its name says what it does, and why-not answers by it."""
