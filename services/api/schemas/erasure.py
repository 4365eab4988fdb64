"""Erasing a user, and handing out all that is held of one."""

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION
from services.api.schemas.users import UserSegment


class Removed(BaseModel):
    interactions: int
    user: int = Field(description="1 where the user had a row of their own.")
    cached_lists: int | None = Field(description="Null where the cache does not answer.")
    versions: list[str] = Field(description="The versions that held something of the user.")


class ErasureResponse(BaseModel):
    """The receipt of an erasure."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "U10001",
                    "erased_at": "2025-03-01T12:30:15.123Z",
                    "removed": {
                        "interactions": 52,
                        "user": 1,
                        "cached_lists": 3,
                        "versions": [EXAMPLE_VERSION],
                    },
                    "not_reached": ["Backups of the database and of the artifact volume."],
                }
            ]
        }
    )

    user_id: str
    erased_at: dt.datetime = Field(
        description="From this moment on nothing of the user is taken in or served."
    )
    removed: Removed = Field(description="By this request: a repeated one finds nothing more.")
    not_reached: list[str] = Field(description="Where something of the user may be left.")


class ExportedUser(BaseModel):
    attributes: dict[str, Any]
    created_at: dt.datetime


class ExportedInteraction(BaseModel):
    event_id: str
    item_id: str
    event_type: str
    rating: float | None
    value: float | None
    occurred_at: dt.datetime | None
    recommendation_id: str | None
    created_at: dt.datetime


class TrainedInteraction(BaseModel):
    """What a version knows of the user and an item."""

    item_id: str
    preference: bool = Field(description="False for what was disliked.")
    confidence: float
    rating: float | None
    age: int = Field(description="How many of the user's items are newer.")


class ExportedVersion(BaseModel):
    """What a version on the artifact volume holds of the user."""

    model_version: str
    history: list[TrainedInteraction]
    attributes: list[float] = Field(description="What the user declares, as models take it.")
    numbers: dict[str, Any] = Field(description="The user's rows in the arrays of each model.")
    segment: UserSegment | None


class ExportResponse(BaseModel):
    """All that is held of a user."""

    user_id: str
    exported_at: dt.datetime
    user: ExportedUser | None = Field(description="The user's own row; null where there is none.")
    versions: list[ExportedVersion]
    not_included: list[str] = Field(description="Where more of the user may be.")
    # The last field: it is written while it is read.
    interactions: list[ExportedInteraction] = Field(description="All, oldest first.")
