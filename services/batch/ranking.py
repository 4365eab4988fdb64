"""What a version, and nothing that happened since, recommends to its own users."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.batch.lists import Lists
from services.batch.workers import in_order
from shared.arrays.types import Float32, Mask
from shared.artifacts.content import UNDESCRIBED_ITEM_USERS
from shared.artifacts.versions import Version, VersionError
from shared.progress import progress
from shared.scorers.choice import RankBy, ServedScores
from shared.scorers.top_k import NOWHERE, Items, top_k

BLOCK_SCORES = 2_000_000  # 8 MB a thread, which the processor's cache holds: 55 µs a user, not 65
LARGEST_BLOCK = 256


@dataclass(frozen=True)
class BatchRanking:
    """Makes the lists of many users at once, as `POST /recommend` would make each.

    `with_ratings`: predict a rating for each listed item, also where lists are not ranked by it.
    `block`: users per block; default: what fits the processor's cache. `undescribed_item_users`:
    items that nobody described are in no list before so many people used them. VersionError where
    there is no rating model to rank by.
    """

    version: Version
    top_n: int
    rank_by: RankBy = "relevance"
    with_ratings: bool = False
    block: int | None = None
    undescribed_item_users: int = UNDESCRIBED_ITEM_USERS

    def __post_init__(self) -> None:
        if self.rank_by == "rating" and self.version.rater is None:
            raise VersionError(
                f"Ranking by rating needs ratings, and the data of version {self.version.name} has "
                "none. Use --rank-by relevance."
            )

    def all_lists(self) -> Iterator[Lists]:
        """The lists of all users in the order of their ids, a block of users at a time."""
        users = self.version.content.users
        rows = users.page(0, len(users))
        with progress("Ranking", len(rows), "users") as advance:
            for lists in in_order(self.make, self.blocks(rows)):
                yield lists
                advance(len(lists.sizes))

    def blocks(self, user_indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The users in blocks."""
        items = len(self.version.content.items)
        size = self.block or min(LARGEST_BLOCK, 1 + BLOCK_SCORES // max(items, 1))
        return np.split(user_indices, range(size, len(user_indices), size))

    def make(self, user_indices: NDArray[np.int64]) -> Lists:
        """The lists of these users of the version."""
        content = self.version.content
        scores = self._served.of(user_indices)
        scores[:, self._hidden] = -np.inf
        taken, rows = content.histories.by_user.take(user_indices)
        scores[taken.owners(np.int64), content.histories.item_indices[rows]] = -np.inf
        items, best = top_k(scores, self.top_n)
        listed = items != NOWHERE
        return Lists(
            user_indices,
            np.count_nonzero(listed, axis=1),
            items[listed],
            best[listed],
            self._ratings(user_indices, items, best)[listed],
        )

    @property
    def model(self) -> str:
        """The name of the model that orders lists."""
        manifest = self.version.manifest
        return manifest.ranker if self.rank_by == "relevance" else str(manifest.rating_model)

    @cached_property
    def _hidden(self) -> Mask:
        """The items that no list shows, bool[items]."""
        content = self.version.content
        hidden: Mask = ~content.is_active | content.held_back(self.undescribed_item_users)
        return hidden

    @cached_property
    def _served(self) -> ServedScores:
        scorers = self.version.scorers_by(self.rank_by)
        assert scorers is not None  # or there was a VersionError
        return ServedScores(*scorers, self.version.content.histories)

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
