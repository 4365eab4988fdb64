"""What a version serves with: an item side, a user side, and models by name, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.arrays.named import Arrays, part, typed, with_prefix
from shared.arrays.types import Float32, Indices, Mask
from shared.artifacts.id_map import IdMap
from shared.artifacts.segments import Segments, SegmentsDescription
from shared.artifacts.text_column import TextColumn
from shared.scorers import POPULARITY, SCORERS, Popularity, Scorer
from shared.scorers.finite import require_finite
from shared.scorers.histories import Histories

UNDESCRIBED_ITEM_USERS = 2
"""By default so many people make up for a description that an item does not have: a mistyped id is
used once, and a shop that sends nothing but events never describes any."""


@dataclass(frozen=True)
class Content:
    """Who and what a version knows, and its models by name (popularity, which every version has,
    is not among them).

    `is_active` bool[items]; `item_features` float32[items, size], what is declared of the items, as
    the manifest's encoder tells it; `popularity` float32[items] and `lifts` float32[features,
    items], as in Popularity. `attributes` are the items' own as JSON (shared.database.attributes),
    `created_at` int64[items] in milliseconds since 1970, NO_TIME where nobody knows,
    `n_interactions` int64[items]: None in versions that were published before these were kept.
    ValueError where the parts do not fit together.
    """

    users: IdMap
    items: IdMap
    titles: TextColumn
    categories: TextColumn
    is_active: Mask
    item_features: Float32
    popularity: Float32
    lifts: Float32
    histories: Histories
    models: Mapping[str, Scorer]
    segments: Segments | None = None
    attributes: TextColumn | None = None
    created_at: NDArray[np.int64] | None = None
    n_interactions: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        users, items = len(self.users), len(self.items)
        per_item = (self.titles, self.categories, self.is_active, self.item_features)
        optional = (self.attributes, self.created_at, self.n_interactions)
        lengths = {len(column) for column in (*per_item, *optional) if column is not None}
        if lengths != {items} or len(self.histories) != users:
            raise ValueError("the user side or the item side of the version does not fit together")
        if self.item_features.ndim != 2:
            raise ValueError("the features of the version's items are no matrix")
        require_finite({"item_features": self.item_features}, "the item side of the version")
        if self.segments is not None and len(self.segments) != users:
            raise ValueError("the segments of the version are of other users")
        if not _all_below(items, self.histories.item_indices):
            raise ValueError("a history of the version holds items that are not there")
        for name, model in {POPULARITY: self.fallback, **self.models}.items():
            if model.score(model.vectors(np.array([-1]))).shape != (1, items):
                raise ValueError(f"model {name} scores another number of items than there are")
            try:
                model.vectors(np.array([users - 1]))
            except IndexError as error:
                raise ValueError(f"model {name} knows fewer users than there are") from error

    @cached_property
    def fallback(self) -> Popularity:
        """The scorer for people of whom nothing is known but what they declare."""
        return Popularity(self.popularity, self.lifts, self.histories)

    @cached_property
    def item_users(self) -> NDArray[np.int64]:
        """How many users did anything but dislike each item, int64[items]."""
        used = self.histories.item_indices[self.histories.preferences]
        counts: NDArray[np.int64] = np.bincount(used, minlength=len(self.items))
        return counts

    @cached_property
    def is_described(self) -> Mask:
        """Of which items the version knows more than their ids, bool[items]."""
        is_named = (self.titles.sizes() > 0) | (self.categories.sizes() > 0)
        is_described: Mask = is_named | self.item_features.any(axis=1)
        if self.attributes is not None:
            is_described |= self.attributes.sizes() > 0
        return is_described

    def held_back(self, needed: int) -> Mask:
        """Items that no list shows as far as the version knows, bool[items]: nobody described them,
        and fewer than `needed` people used them."""
        held_back: Mask = ~self.is_described & (self.item_users < needed)
        return held_back

    def without_users(self, user_indices: Indices) -> "Content":
        """The same content, in which these rows are nobody's.

        Arrays that do not change stay the same objects. Models whose users are their histories keep
        the old ones until they are read again.
        """
        return replace(
            self,
            users=self.users.without(user_indices),
            histories=self.histories.without_users(user_indices),
            models={name: model.without_users(user_indices) for name, model in self.models.items()},
            segments=self.segments and self.segments.without_users(user_indices),
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        arrays: dict[str, NDArray[np.generic]] = {
            **self.users.arrays("users"),
            **self.items.arrays("items"),
            **self.titles.arrays("titles"),
            **self.categories.arrays("categories"),
            "is_active": self.is_active,
            "item_features": self.item_features,
            "popularity": self.popularity,
            "lifts": self.lifts,
            **with_prefix("histories", self.histories.arrays()),
            **self._optional_arrays(),
        }
        for name, model in self.models.items():
            arrays |= with_prefix(name, model.arrays())
        if self.segments is not None:
            arrays |= with_prefix("segments", self.segments.arrays())
        return arrays

    def _optional_arrays(self) -> dict[str, NDArray[np.generic]]:
        arrays = {} if self.attributes is None else self.attributes.arrays("attributes")
        columns = {"created_at": self.created_at, "n_interactions": self.n_interactions}
        return arrays | {name: column for name, column in columns.items() if column is not None}

    @classmethod
    def from_arrays(
        cls, arrays: Arrays, kinds: Mapping[str, str], segments: SegmentsDescription | None
    ) -> "Content":
        """From what `arrays` gave and the kind of each of its models' scorers.

        KeyError or ValueError where it does not hold.
        """
        histories = Histories.from_arrays(part(arrays, "histories"))
        return cls(
            users=IdMap.from_arrays(arrays, "users"),
            items=IdMap.from_arrays(arrays, "items"),
            titles=TextColumn.from_arrays(arrays, "titles"),
            categories=TextColumn.from_arrays(arrays, "categories"),
            is_active=typed(arrays, "is_active", np.bool_),
            item_features=typed(arrays, "item_features", np.float32),
            popularity=typed(arrays, "popularity", np.float32),
            lifts=typed(arrays, "lifts", np.float32),
            histories=histories,
            models={
                name: SCORERS[kind].from_arrays(part(arrays, name), histories)
                for name, kind in kinds.items()
            },
            segments=None
            if segments is None
            else Segments.from_arrays(part(arrays, "segments"), segments),
            attributes=TextColumn.from_arrays(arrays, "attributes")
            if "attributes.utf8" in arrays
            else None,
            created_at=_optional(arrays, "created_at"),
            n_interactions=_optional(arrays, "n_interactions"),
        )


def _optional(arrays: Arrays, name: str) -> NDArray[np.int64] | None:
    return typed(arrays, name, np.int64) if name in arrays else None


def _all_below(limit: int, indices: NDArray[np.int32]) -> bool:
    return len(indices) == 0 or bool(indices.min() >= 0 and indices.max() < limit)
