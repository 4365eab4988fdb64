"""The groups of users that a version's trainer found, and which of them a user is in."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from shared.arrays.named import Arrays, typed
from shared.arrays.types import Float32, Indices

NO_SEGMENT = -1


class CategoryShare(BaseModel):
    """How much of a segment's interactions a category has."""

    category: str
    share: float
    lift: float
    """Its share among the segment's interactions against that among all: 2 is twice as much."""


class ItemShare(BaseModel):
    """How much of a segment's interactions an item has."""

    item_id: str
    title: str
    share: float
    lift: float


class Segment(BaseModel):
    """A group of users, described by what they did."""

    segment_id: str
    """S1 for the largest, and so on."""
    name: str
    """In words, unlike any other's of the version: "tech, rarely sport"."""
    size: int
    share: float
    """Of the users that have a segment."""
    mean_rating: float | None
    """Null where the segment rated nothing."""
    activity: float
    """Interactions of its median user."""
    favourite_categories: list[CategoryShare]
    """Most interactions first; so are the items."""
    distinctive_categories: list[CategoryShare]
    """What tells it from the others most, first; so are the items."""
    favourite_items: list[ItemShare]
    distinctive_items: list[ItemShare]
    certainty: float
    """Mean of its users' certainties."""
    stability: float
    """How often two of its users come together again when half of all users are grouped anew."""


class GroupsTried(BaseModel):
    """What the criterion says of a number of groups."""

    groups: int
    prediction_strength: float
    """0 to 1: whether groups of one half of the users are found in the other half too."""
    gap: float | None
    """How much tighter the groups are than those of one cloud without groups, in logs; null where
    the prediction strength is too small already."""


class Criterion(BaseModel):
    """Why there are so many segments."""

    name: str
    tried: list[GroupsTried]


class SegmentsDescription(BaseModel):
    """All that is said of the segments, for a manifest."""

    segments: list[Segment]
    criterion: Criterion


@dataclass(frozen=True)
class Segments:
    """Who is in which segment: `labels` int16[users] are positions in `description.segments`, or
    -1 for users of whom nothing is known; `certainty` float32[users] is 0 to 1.

    One segment alone means that no groups were found. ValueError where the parts do not fit.
    """

    labels: NDArray[np.int16]
    certainty: Float32
    description: SegmentsDescription

    def __post_init__(self) -> None:
        if self.labels.ndim != 1 or self.labels.shape != self.certainty.shape:
            raise ValueError("the labels and the certainties of the segments do not fit together")
        if not np.all((self.certainty >= 0) & (self.certainty <= 1)):  # neither does nan
            raise ValueError("a certainty of the segments is not between 0 and 1")
        if np.any(self.labels < NO_SEGMENT) or np.any(self.labels >= len(self.segments)):
            raise ValueError("a user's segment is none of the version's")
        self._check_description()

    def _check_description(self) -> None:
        members = self.labels[self.labels != NO_SEGMENT]
        sizes = np.bincount(members, minlength=len(self.segments)).tolist()
        if sizes != [segment.size for segment in self.segments]:
            raise ValueError("the segments have other sizes than their descriptions say")
        names = {segment.name for segment in self.segments}
        ids = [segment.segment_id for segment in self.segments]
        if ids != [segment_id(index) for index in range(len(ids))] or len(names) != len(ids):
            raise ValueError("the segments are not S1, S2, … with a name of their own each")

    @property
    def segments(self) -> list[Segment]:
        return self.description.segments

    def __len__(self) -> int:
        """How many users there are."""
        return len(self.labels)

    def of(self, user_index: int) -> tuple[Segment, float] | None:
        """A user's segment and how certain it is; None where nothing is known, as for -1."""
        if user_index < 0 or self.labels[user_index] == NO_SEGMENT:
            return None
        return self.segments[self.labels[user_index]], float(self.certainty[user_index])

    def without_users(self, user_indices: Indices) -> Self:
        """The same segments, in none of which these users are."""
        labels, certainty = self.labels.copy(), self.certainty.copy()
        labels[user_indices] = NO_SEGMENT
        certainty[user_indices] = 0
        members = [certainty[labels == index] for index in range(len(self.segments))]
        total = sum(map(len, members))
        segments = [
            _of_members(segment, certainties, total)
            for segment, certainties in zip(self.segments, members, strict=True)
        ]
        description = self.description.model_copy(update={"segments": segments})
        return type(self)(labels, certainty, description)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"labels": self.labels, "certainty": self.certainty}

    @classmethod
    def from_arrays(cls, arrays: Arrays, description: SegmentsDescription) -> Self:
        """From what `arrays` gave; KeyError or ValueError where it does not hold."""
        return cls(
            labels=typed(arrays, "labels", np.int16),
            certainty=typed(arrays, "certainty", np.float32),
            description=description,
        )


def _of_members(segment: Segment, certainties: Float32, total: int) -> Segment:
    """The segment with so many of `total` users; one without any no longer tells what they did."""
    changes: dict[str, Any] = {
        "size": len(certainties),
        "share": len(certainties) / max(total, 1),
        "certainty": float(certainties.mean()) if len(certainties) else 0,
    }
    if not len(certainties):
        lists = ("categories", "items")
        changes |= {f"{kind}_{what}": [] for kind in ("favourite", "distinctive") for what in lists}
        changes |= {"mean_rating": None, "activity": 0}
    return segment.model_copy(update=changes)


def segment_id(index: int) -> str:
    """The id of the segment at a position."""
    return f"S{index + 1}"
