"""Merging a user into another."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import Request, UserId


class MergeRequest(Request):
    """Whose id becomes another one of which user."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from": "visitor-1", "into": "U10001"}]}
    )

    alias: UserId = Field(
        alias="from",
        description="The id to merge, such as that of a visitor who has logged in. From now on it "
        "is another id of the user, for good.",
    )
    into: UserId = Field(description="The user, or an id that was merged into them.")


class MergeResponse(BaseModel):
    """What became of the id."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "U10001",
                    "alias": "visitor-1",
                    "merged_at": "2025-03-01T12:30:15.123Z",
                    "interactions": 7,
                    "cached_lists": 2,
                }
            ]
        }
    )

    user_id: str = Field(
        description="The user whose all is now: another than `into` where that was merged itself."
    )
    alias: str = Field(description="The id that stands for the user from now on.")
    merged_at: dt.datetime = Field(description="When it was merged first.")
    interactions: int = Field(description="Moved by this request: a repeated one finds none.")
    cached_lists: int | None = Field(
        description="Lists of both that were forgotten. Null where the cache does not answer: they "
        "are not served any more, and go when they are old."
    )
