"""What a version serves with: an item side, a user side, and models by name, as arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.array_folder import Arrays, part, typed, with_prefix
from shared.histories import Histories
from shared.scorers import SCORERS, Popularity, Scorer
from shared.segments import Segments, SegmentsDescription
from shared.texts import IdMap, Texts


@dataclass(frozen=True)
class Content:
    """Who and what a version knows, and its models by name (popularity, which every version has,
    is not among them).

    `popularity` float32[items]; `is_active` bool[items]. ValueError where the parts do not fit
    together.
    """

    users: IdMap
    items: IdMap
    titles: Texts
    categories: Texts
    is_active: NDArray[np.bool_]
    popularity: NDArray[np.float32]
    histories: Histories
    models: Mapping[str, Scorer]
    segments: Segments | None = None

    def __post_init__(self) -> None:
        users, items = len(self.users), len(self.items)
        per_item = (len(self.titles), len(self.categories), len(self.is_active))
        if {*per_item, len(self.popularity)} != {items} or len(self.histories) != users:
            raise ValueError("the user side or the item side of the version does not fit together")
        if self.segments is not None and len(self.segments) != users:
            raise ValueError("the segments of the version are of other users")
        if not _all_below(items, self.histories.item_indices):
            raise ValueError("a history of the version holds items that are not there")
        for name, model in self.models.items():
            if model.score(model.vectors(np.array([-1]))).shape != (1, items):
                raise ValueError(f"model {name} scores another number of items than there are")
            try:
                model.vectors(np.array([users - 1]))
            except IndexError as error:
                raise ValueError(f"model {name} knows fewer users than there are") from error

    @property
    def strangers(self) -> Scorer:
        """The scorer for people of whom nothing is known."""
        return Popularity(self.popularity)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        arrays: dict[str, NDArray[np.generic]] = {
            **self.users.arrays("users"),
            **self.items.arrays("items"),
            **self.titles.arrays("titles"),
            **self.categories.arrays("categories"),
            "is_active": self.is_active,
            "popularity": self.popularity,
            **with_prefix("histories", self.histories.arrays()),
        }
        for name, model in self.models.items():
            arrays |= with_prefix(name, model.arrays())
        if self.segments is not None:
            arrays |= with_prefix("segments", self.segments.arrays())
        return arrays

    @classmethod
    def from_arrays(
        cls, arrays: Arrays, models: Iterable[str], segments: SegmentsDescription | None
    ) -> "Content":
        histories = Histories.from_arrays(part(arrays, "histories"))
        return cls(
            users=IdMap.from_arrays(arrays, "users"),
            items=IdMap.from_arrays(arrays, "items"),
            titles=Texts.from_arrays(arrays, "titles"),
            categories=Texts.from_arrays(arrays, "categories"),
            is_active=typed(arrays, "is_active", np.bool_),
            popularity=typed(arrays, "popularity", np.float32),
            histories=histories,
            models={
                name: SCORERS[name].from_arrays(part(arrays, name), histories) for name in models
            },
            segments=None
            if segments is None
            else Segments.from_arrays(part(arrays, "segments"), segments),
        )


def _all_below(limit: int, indices: NDArray[np.int32]) -> bool:
    return len(indices) == 0 or bool(indices.min() >= 0 and indices.max() < limit)
