"""What users did, one row an item: what every model is a function of.

A history says of each item how much it was wanted (preference and confidence, Hu, Koren & Volinsky
2008) and how it was rated. Training makes all histories at once and a request makes one, by the
same function with the same weights.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from shared.arrays.named import Arrays, typed
from shared.arrays.ragged import Ragged
from shared.arrays.types import Float32, Float64, Indices, Mask
from shared.database.event_types import DISLIKE, EVENT_WEIGHTS, event_codes

DAY_MS = 86_400_000

NO_TIME = np.iinfo(np.int64).min
"""The `occurred_at` of what has no time, as numpy's NaT; before every time."""

STORED_NAMES = {"recency_ranks": "ages"}
"""Columns whose array is called otherwise: its name is that of a file of published versions."""


def pair_keys(user_indices: Indices, item_indices: Indices, items: int) -> NDArray[np.int64]:
    """One number for each pair of a user and one of `items` items, int64[n]."""
    return user_indices.astype(np.int64) * items + item_indices


@dataclass(frozen=True)
class Interactions:
    """Interactions by index; every array [n].

    `ratings` and `values` are nan where there is none, `event_codes` as a Weighting has them,
    `occurred_at` epoch milliseconds or NO_TIME.
    """

    user_indices: NDArray[np.int32]
    item_indices: NDArray[np.int32]
    event_codes: NDArray[np.uint8]
    ratings: Float64
    values: Float64
    occurred_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.item_indices)

    @property
    def has_time(self) -> Mask:
        """Which of them have a time, bool[n]."""
        has_time: Mask = self.occurred_at != NO_TIME
        return has_time

    def subset(self, mask: Mask) -> "Interactions":
        """The interactions where `mask` bool[n] holds."""
        return self._at(mask)

    def in_order(self) -> "Interactions":
        """The same by user, time, item and all else that tells two apart: whatever order they came
        in, it is this one. What follows from the order of rows (a draw for each of them, the newest
        of one moment) then follows from what they say."""
        keys = (self.values, self.ratings, self.event_codes, self.item_indices)
        return self._at(np.lexsort((*keys, self.occurred_at, self.user_indices)))

    def _at(self, places: Indices | Mask) -> "Interactions":
        return Interactions(*(getattr(self, field.name)[places] for field in fields(self)))


class HistoryRows(Protocol):
    """The columns by which a scorer tells whether a row says anything: of one user or of many."""

    @property
    def preferences(self) -> Mask: ...
    @property
    def confidences(self) -> Float32: ...
    @property
    def ratings(self) -> Float32: ...


@dataclass(frozen=True)
class History:
    """One user's rows, one an item, in the order of item indices.

    `item_indices` int32[n]; `preferences` bool[n], False for what was disliked; `confidences`
    float32[n], at least 0; `ratings` float32[n], nan where there is none; `recency_ranks`
    int32[n], how many rows of the history are newer, all 0 where there are no times.
    `attributes` float32[any]: what is declared of the user, around 0; empty where nothing is.
    """

    item_indices: NDArray[np.int32]
    preferences: Mask
    confidences: Float32
    ratings: Float32
    recency_ranks: NDArray[np.int32]
    attributes: Float32

    def __len__(self) -> int:
        return len(self.item_indices)

    @property
    def positive_confidences(self) -> Float32:
        """The confidence where an item was wanted, 0 where it was disliked; float32[n]."""
        return self.confidences * self.preferences

    @classmethod
    def empty(cls) -> "History":
        """The history of a stranger."""
        floats = np.empty(0, dtype=np.float32)
        items, ranks = np.empty((2, 0), dtype=np.int32)
        return cls(items, np.empty(0, dtype=np.bool_), floats, floats, ranks, floats)

    def recent(self, half_life: float) -> "History":
        """The history where every `half_life` newer rows halve a confidence; infinite: as it is."""
        if math.isinf(half_life):
            return self
        return replace(self, confidences=decayed(self.confidences, self.recency_ranks, half_life))

    def rated(self) -> "History":
        """The rows with a rating."""
        return self.at(~np.isnan(self.ratings))

    def at(self, places: Indices | Mask) -> "History":
        """The rows at these places, in their order; bool[n] keeps those where it holds."""
        return History(
            self.item_indices[places],
            self.preferences[places],
            self.confidences[places],
            self.ratings[places],
            self.recency_ranks[places],
            self.attributes,
        )

    def joined(self, other: "History") -> "History":
        """With the rows of another history, of other items; the attributes are one's own."""
        columns = [field.name for field in fields(self) if field.name != "attributes"]
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in columns}
        joined = replace(self, **{name: np.concatenate(pair) for name, pair in pairs.items()})
        return joined.at(np.argsort(joined.item_indices, kind="stable"))


def decayed(confidences: Float32, recency_ranks: NDArray[np.int32], half_life: float) -> Float32:
    """Confidences halved with every `half_life` rows that are newer, float32[n]."""
    ranks = recency_ranks.astype(np.float32)
    weakened: Float32 = confidences * np.exp2(ranks * np.float32(-1 / half_life))
    return weakened


@dataclass(frozen=True)
class Histories:
    """The histories of all users: rows as in History, one after another.

    `offsets` int64[users + 1], `attributes` float32[users, any]; ValueError where the arrays do not
    fit together.
    """

    offsets: NDArray[np.int64]
    item_indices: NDArray[np.int32]
    preferences: Mask
    confidences: Float32
    ratings: Float32
    recency_ranks: NDArray[np.int32]
    attributes: Float32

    def __post_init__(self) -> None:
        columns = (self.preferences, self.confidences, self.ratings, self.recency_ranks)
        rows = {len(column) for column in columns}
        if (
            rows != {len(self.item_indices)}
            or not self.by_user.fits(len(self.item_indices))
            or self.attributes.ndim != 2
            or len(self.attributes) != len(self)
        ):
            raise ValueError("the histories do not fit together")

    @property
    def by_user(self) -> Ragged:
        """Which rows are whose."""
        return Ragged(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, user_index: int) -> History:
        """The history of a user; an empty one for -1, a stranger."""
        if user_index < 0:
            return History.empty()
        begin, end = self.offsets[user_index : user_index + 2]
        return History(
            self.item_indices[begin:end],
            self.preferences[begin:end],
            self.confidences[begin:end],
            self.ratings[begin:end],
            self.recency_ranks[begin:end],
            self.attributes[user_index],
        )

    def __iter__(self) -> Iterator[History]:
        return (self[user_index] for user_index in range(len(self)))

    def user_indices(self) -> NDArray[np.int32]:
        """The user of each row, int32[rows]."""
        return self.by_user.owners(np.int32)

    def without_users(self, user_indices: Indices) -> "Histories":
        """The same users, of whom these did nothing and declare nothing."""
        owners = self.user_indices()
        kept = ~np.isin(owners, user_indices)
        attributes = self.attributes.copy()
        attributes[user_indices] = 0
        return Histories(
            offsets=Ragged.from_owners(owners[kept], len(self)).offsets,
            item_indices=self.item_indices[kept],
            preferences=self.preferences[kept],
            confidences=self.confidences[kept],
            ratings=self.ratings[kept],
            recency_ranks=self.recency_ranks[kept],
            attributes=attributes,
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        columns = {field.name: getattr(self, field.name) for field in fields(self)}
        return {STORED_NAMES.get(name, name): column for name, column in columns.items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Histories":
        """From what `arrays` gave; KeyError or ValueError where it does not hold."""
        return cls(
            offsets=typed(arrays, "offsets", np.int64),
            item_indices=typed(arrays, "item_indices", np.int32),
            preferences=typed(arrays, "preferences", np.bool_),
            confidences=typed(arrays, "confidences", np.float32),
            ratings=typed(arrays, "ratings", np.float32),
            recency_ranks=typed(arrays, STORED_NAMES["recency_ranks"], np.int32),
            attributes=typed(arrays, "attributes", np.float32),
        )


class Weighting(BaseModel):
    """How interactions become histories; kept with a version, so that fold-in does as training."""

    model_config = ConfigDict(frozen=True)

    event_weights: dict[str, float] = Field(default=EVENT_WEIGHTS)
    value_units: dict[str, float] = {}
    """By type of event the value that counts as one event: twice as much counts as two.

    A type without a unit counts each event as one, whatever its value.
    """

    half_life_days: float | None = None
    """After so many days an event says half as much; None: events do not age.

    Age counts from the newest event of the user's own history: a history at rest stays the same.
    What has no time is as old as the oldest of the history that has one.
    """

    is_timed: bool = True
    """Whether times tell an order; without, nothing ages and every row has the rank 0."""

    rating_intercept: float = 1
    rating_slope: float = 0
    """A row with a rating counts intercept + slope · rating times: the better rated, the more."""

    @cached_property
    def event_codes(self) -> dict[str, int]:
        """The code of each type of event."""
        return event_codes(self.event_weights)

    def codes_of(self, event_types: Sequence[str]) -> NDArray[np.uint8]:
        """The code of each event, uint8[n]; KeyError for a type that has no weight."""
        codes = self.event_codes
        return np.array([codes[name] for name in event_types], dtype=np.uint8)

    def knowing(self, event_weights: dict[str, float]) -> "Weighting":
        """With the weights of types that this one does not know."""
        if event_weights.keys() <= self.event_weights.keys():
            return self
        return self.model_copy(update={"event_weights": event_weights | self.event_weights})

    def histories(
        self, interactions: Interactions, users: int, attributes: Float32 | None = None
    ) -> Histories:
        """The histories of `users` users, with their `attributes` float32[users, any].

        The weights of an item's events add up, w, to the confidence log2(1 + w): one view is 1,
        three are 2. Where the newest event is a dislike, its own weight is the confidence that the
        item is not wanted. The newest rating counts, and makes what is wanted count as it says.
        """
        if attributes is None:
            attributes = np.empty((users, 0), dtype=np.float32)
        if not len(interactions):
            nothing = vars(History.empty()) | {"attributes": attributes}
            return Histories(np.zeros(users + 1, dtype=np.int64), **nothing)
        order, starts = _by_pair(interactions)
        newest = order[np.append(starts[1:], len(order)) - 1]
        weights = self._weights(interactions, users)
        preferences = interactions.event_codes[newest] != DISLIKE
        positive_weights = np.where(interactions.event_codes == DISLIKE, 0, weights)
        confidences = np.log2(1 + np.add.reduceat(positive_weights[order], starts))
        owners = interactions.user_indices[newest]
        ratings = _newest_ratings(interactions.ratings[order], starts)
        confidences *= np.where(np.isnan(ratings), 1, self._worth(ratings))
        return Histories(
            offsets=Ragged.from_owners(owners, users).offsets,
            item_indices=interactions.item_indices[newest],
            preferences=preferences,
            confidences=np.where(preferences, confidences, weights[newest]).astype(np.float32),
            ratings=ratings,
            recency_ranks=_recency_ranks(owners, interactions.occurred_at[newest], self.is_timed),
            attributes=attributes,
        )

    def _worth(self, ratings: Float32) -> Float64:
        """What a rating multiplies a confidence by, float64[n]."""
        return np.maximum(self.rating_intercept + self.rating_slope * ratings.astype(np.float64), 0)

    def _weights(self, interactions: Interactions, users: int) -> Float64:
        """What each event says, float64[n]."""
        by_code = np.array([self.event_weights[name] for name in self.event_codes])
        weights: Float64 = by_code[interactions.event_codes] * self._amounts(interactions)
        if self.half_life_days is None or not self.is_timed:
            return weights
        age = _ages(interactions, users)
        faded: Float64 = weights * np.exp2(-age / (self.half_life_days * DAY_MS))
        return faded

    def _amounts(self, interactions: Interactions) -> Float64:
        """As how many events of its type each counts, float64[n]."""
        if not self.value_units:
            return np.ones(len(interactions))
        units = np.array([self.value_units.get(name, np.nan) for name in self.event_codes])
        amounts = interactions.values / units[interactions.event_codes]
        return np.where(np.isnan(amounts), 1, amounts)


def _ages(interactions: Interactions, users: int) -> NDArray[np.int64]:
    """By how many milliseconds the newest event of the same user is newer, int64[n]; what has no
    time is as old as the oldest that has one."""
    owners, timed = interactions.user_indices, interactions.has_time
    newest = np.full(users, NO_TIME)
    np.maximum.at(newest, owners, interactions.occurred_at)
    oldest = newest.copy()
    np.minimum.at(oldest, owners[timed], interactions.occurred_at[timed])
    known = np.where(timed, interactions.occurred_at, oldest[owners])
    ages: NDArray[np.int64] = newest[owners] - known
    return ages


def _by_pair(interactions: Interactions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows by user, item and time (then as they stand), and where each pair begins; what has no
    time comes first."""
    keys = (interactions.occurred_at, interactions.item_indices, interactions.user_indices)
    order = np.lexsort(keys)
    users, items = interactions.user_indices[order], interactions.item_indices[order]
    begins = np.append(True, (users[1:] != users[:-1]) | (items[1:] != items[:-1]))
    return order, np.flatnonzero(begins)


def _newest_ratings(ratings: Float64, starts: NDArray[np.int64]) -> Float32:
    """The last rating of each group, nan where it has none."""
    where = np.where(np.isnan(ratings), -1, np.arange(len(ratings)))
    last = np.maximum.reduceat(where, starts)
    return np.where(last < 0, np.nan, ratings[last]).astype(np.float32)


def _recency_ranks(
    owners: NDArray[np.int32], occurred_at: NDArray[np.int64], is_timed: bool
) -> NDArray[np.int32]:
    """How many rows of the same owner are newer, int32[n]; rows of one moment are equally old, and
    all that have a time are newer than those that have none."""
    ranks = np.zeros(len(owners), dtype=np.int32)
    if not is_timed or not len(owners):
        return ranks
    order = np.lexsort((~occurred_at, owners))  # newest first; -NO_TIME would be NO_TIME
    places, owners, moments = np.arange(len(order)), owners[order], occurred_at[order]
    new_owner = np.append(True, owners[1:] != owners[:-1])
    new_moment = np.append(True, moments[1:] != moments[:-1]) | new_owner
    newest = np.maximum.accumulate(np.where(new_owner, places, 0))
    ranks[order] = np.maximum.accumulate(np.where(new_moment, places, 0)) - newest
    return ranks
