"""What goes through the stages of the ranker."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.api.live.catalogue import Catalogue, ItemIndices
from services.api.recommend.rules import Rules
from services.api.schemas.recommendations import ListOptions
from shared.arrays.types import Float32, Mask

POOL = 1_000  # of the best are put in order: sorting a million takes 140 ms, this 2


@dataclass(frozen=True)
class Query:
    """What a list is asked for, and what is known for it. Arrays are over the catalogue's items.

    `scores` float32[items]; `score_std()` float32[items] says how uncertain each is; `vectors`
    gives float32[n, d] whose cosines say how alike items are (d = 0: unknown). `seen` and `shown`
    are item indices int64[any]: of the user's history, and of the pages before. `chance` draws
    what is left to chance, the same for the same list.
    """

    catalogue: Catalogue
    options: ListOptions
    rules: Rules
    scores: Float32
    score_std: Callable[[], Float32]
    vectors: Callable[[ItemIndices], Float32]
    seen: ItemIndices
    shown: ItemIndices
    chance: int
    new_share: float = 0.0
    pool: int = POOL

    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.chance)


@dataclass(frozen=True)
class Ranking:
    """The items still in the running, int64[n], and the score of each, float32[n]; from `order` on
    the best first."""

    items: ItemIndices
    scores: Float32

    def at(self, places: ItemIndices | Mask) -> "Ranking":
        """What is at these places, in their order; bool[n] keeps those where it holds."""
        return Ranking(self.items[places], self.scores[places])

    def __len__(self) -> int:
        return len(self.items)


Stage = Callable[[Query, Ranking], Ranking]
"""A pure function; its name says what it does, and why-not answers by it."""
