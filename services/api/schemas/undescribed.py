"""Items that nobody described."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION


class UndescribedItem(BaseModel):
    item_id: str
    num_interactions: int
    num_users: int = Field(description="How many people they are of.")
    first_at: dt.datetime | None = Field(description="null where no interaction has a time.")
    last_at: dt.datetime | None
    is_held_back: bool = Field(
        description="Whether lists leave it out, as fewer than UNDESCRIBED_ITEM_USERS people used "
        "it."
    )


class UndescribedResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "item_id": "TECH1O05",
                            "num_interactions": 1,
                            "num_users": 1,
                            "first_at": "2025-03-01T12:30:15.123000Z",
                            "last_at": "2025-03-01T12:30:15.123000Z",
                            "is_held_back": True,
                        }
                    ],
                    "total_count": 1,
                    "next_cursor": None,
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    items: list[UndescribedItem] = Field(description="In the byte order of their ids.")
    total_count: int = Field(description="All items that nobody described.")
    next_cursor: str | None = Field(
        description="Ask with it for the next page; null where there is none."
    )
    model_version: str
