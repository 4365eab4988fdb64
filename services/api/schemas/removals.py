"""Taking back one event."""

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION


class RemovedInteraction(BaseModel):
    user_id: str = Field(description="The user into whom the sender's id was merged, if it was.")
    item_id: str
    event_type: str
    rating: float | None
    value: float | None
    occurred_at: dt.datetime | None
    recommendation_id: str | None
    created_at: dt.datetime


class RemovalResponse(BaseModel):
    """The receipt of a removal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "event_id": "order-1017-line-1",
                    "removed_at": "2025-03-02T08:15:00.001Z",
                    "removed": {
                        "user_id": "U10001",
                        "item_id": "TECH1005",
                        "event_type": "purchase",
                        "rating": None,
                        "value": None,
                        "occurred_at": "2025-03-01T12:30:15.123Z",
                        "recommendation_id": f"{EXAMPLE_VERSION}.8c1f0e6a2b7d4935",
                        "created_at": "2025-03-01T12:30:16.042Z",
                    },
                    "not_reached": [
                        "Backups of the database, and files that were exported or imported before: "
                        "an event that is sent or imported again is stored again."
                    ],
                }
            ]
        }
    )

    event_id: str
    removed_at: dt.datetime
    removed: RemovedInteraction = Field(description="What was stored.")
    not_reached: list[str] = Field(description="Where something of the event is left.")
