"""What a version, and nothing that happened since, recommends to its own users."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from services.batch.lists import Lists
from services.batch.trained_rows import KnownKinds, TrainedRows, kinds_known_to
from services.batch.workers import in_order
from shared.arrays.types import Float32
from shared.artifacts.versions import Version, VersionError
from shared.progress import progress
from shared.scorers import Scorer
from shared.scorers.top_k import NOWHERE, Items, top_k

RankBy = Literal["relevance", "rating"]

BLOCK_SCORES = 2_000_000  # 8 MB a thread, which the processor's cache holds: 55 µs a user, not 65
LARGEST_BLOCK = 256


@dataclass(frozen=True)
class BatchRanking:
    """Makes the lists of many users at once, as `POST /recommend` would make each.

    `with_ratings`: predict the rating of every item in a list, where its score is not that already.
    `block`: of how many users lists are made at once, so many as are fast without one. VersionError
    where there is no rating model to rank by.
    """

    version: Version
    top_n: int
    rank_by: RankBy = "relevance"
    with_ratings: bool = False
    block: int | None = None

    def __post_init__(self) -> None:
        if self.rank_by == "rating" and self.version.rater is None:
            raise VersionError(
                f"Ranking by rating needs ratings, and the data of version {self.version.name} has "
                "none. Use --rank-by relevance."
            )

    def all_lists(self) -> Iterator[Lists]:
        """The lists of all users in the order of their ids, those of a block at a time."""
        users = self.version.content.users
        rows = users.page(0, len(users))
        with progress("Ranking", len(rows), "users") as advance:
            for lists in in_order(self.make, self.blocks(rows)):
                yield lists
                advance(len(lists.sizes))

    def blocks(self, user_indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The users, so many at a time as lists are made for at once."""
        items = len(self.version.content.items)
        size = self.block or min(LARGEST_BLOCK, 1 + BLOCK_SCORES // max(items, 1))
        return np.split(user_indices, range(size, len(user_indices), size))

    def make(self, user_indices: NDArray[np.int64]) -> Lists:
        """The lists of these users of the version."""
        trained = TrainedRows.of(self.version.content.histories, user_indices)
        scores = self._scores(user_indices, trained)
        scores[:, ~self.version.content.is_active] = -np.inf
        scores[trained.owners, trained.item_indices] = -np.inf
        items, best = top_k(scores, self.top_n)
        listed = items != NOWHERE
        return Lists(
            user_indices,
            np.count_nonzero(listed, axis=1),
            items[listed],
            best[listed],
            self._ratings(user_indices, items, best)[listed],
        )

    def _scores(self, user_indices: NDArray[np.int64], trained: TrainedRows) -> Float32:
        """Of every item, by the strangers' scorer for users of whom the ranker knows nothing,
        float32[n, items]."""
        scores = _writable(self._scorer, user_indices)
        if self.rank_by == "relevance":
            unknown = ~trained.known_by(self._known_kinds)
            if unknown.any():
                scores[unknown] = _writable(self.version.content.fallback, user_indices[unknown])
        return scores

    @property
    def model(self) -> str:
        """The name of the model that orders lists."""
        manifest = self.version.manifest
        return manifest.ranker if self.rank_by == "relevance" else str(manifest.rating_model)

    @cached_property
    def _known_kinds(self) -> KnownKinds:
        return kinds_known_to(self._scorer)

    @property
    def _scorer(self) -> Scorer:
        if self.rank_by == "rating":
            assert self.version.rater is not None  # or there was a VersionError
            return self.version.rater
        return self.version.ranker

    def _ratings(self, user_indices: NDArray[np.int64], items: Items, scores: Float32) -> Float32:
        """What the users would rate the items of their lists, on the data's scale; float32[n,
        top_n], nan where nothing is listed or asked for."""
        if self.rank_by == "rating":
            return self.version.manifest.data.on_scale(scores)
        ratings = np.full(items.shape, np.nan, dtype=np.float32)
        if self.with_ratings and self.version.rater is not None:
            owners, places = np.nonzero(items != NOWHERE)
            vectors = self.version.rater.vectors(user_indices)[owners]
            raw = self.version.rater.rate(vectors, items[owners, places])
            ratings[owners, places] = self.version.manifest.data.on_scale(raw)
        return ratings


def _writable(scorer: Scorer, user_indices: NDArray[np.int64]) -> Float32:
    """The scores, in an array of one's own: a scorer may hand out what it keeps."""
    return np.require(scorer.score(scorer.vectors(user_indices)), np.float32, ["C", "W"])
