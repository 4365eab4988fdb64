"""Users, and the groups that they form."""

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION
from shared.artifacts.segments import Criterion, Segment


class UserSummary(BaseModel):
    user_id: str
    num_items: int = Field(description="Distinct items in the history that the model has seen.")


class UsersResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "users": [{"user_id": "U10001", "num_items": 52}],
                    "total_count": 1000,
                    "limit": 1,
                    "offset": 0,
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    users: list[UserSummary] = Field(description="In the byte order of their ids.")
    total_count: int = Field(description="All users whom the model knows.")
    limit: int
    offset: int
    model_version: str


class Interaction(BaseModel):
    item_id: str
    event_type: str
    rating: float | None
    value: float | None = Field(description="How much of it there was, where that is known.")
    occurred_at: dt.datetime | None = Field(description="null where nobody knows when.")


class UserSegment(BaseModel):
    segment_id: str
    name: str
    certainty: float = Field(description="0 to 1: how clearly the user is in this segment.")


class HistorySummary(BaseModel):
    """A user's interactions (of more than 10,000 the newest) in a few numbers."""

    num_items: int = Field(description="Distinct items.")
    event_counts: dict[str, int] = Field(description="By event_type.")
    mean_rating: float | None
    first_at: dt.datetime | None = Field(description="null where no interaction has a time.")
    last_at: dt.datetime | None


class CategoryTaste(BaseModel):
    """How much of what a user wanted is in a category; an item of two counts for both, so that
    shares may add up to more than 1."""

    category: str
    share: float
    lift: float | None = Field(
        description="Against its share of what all users wanted: 2 is twice as much; null for a "
        "category that nobody wanted at training."
    )


class SegmentsResponse(BaseModel):
    segments: list[Segment] = Field(description="Largest first; one alone: there are no groups.")
    criterion: Criterion | None = Field(description="Why there are so many.")
    total_count: int
    model_version: str


class UserResponse(BaseModel):
    """What is known of a user; what only the database knows is null while it is away."""

    user_id: str
    known_to_model: bool = Field(description="Whether lists for the user are personal.")
    segment: UserSegment | None = Field(
        description="The group that the user's tastes belong to; null where none are known."
    )
    num_interactions: int | None
    attributes: dict[str, Any] | None
    history: HistorySummary | None = Field(description="null without interactions, too.")
    taste: list[CategoryTaste] = Field(description="Most wanted first.")
    latest_interactions: list[Interaction] | None = Field(description="Newest first, up to ten.")
    model_version: str
