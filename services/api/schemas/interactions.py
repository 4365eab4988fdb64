"""Interactions as others send them."""

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION, ItemId, Request, UserId
from services.api.schemas.rows import RejectedRow, Rows
from shared.database.event_types import EVENT_TYPES
from shared.database.tables import EVENT_TYPE_LENGTH, ID_LENGTH, RECOMMENDATION_ID_LENGTH


class NewInteraction(Request):
    """One thing that a user did to an item."""

    event_id: str | None = Field(
        None,
        min_length=1,
        max_length=ID_LENGTH,
        description="Your own id of the event: the same one twice is one event. Without it a hash "
        "of the other fields takes its place, or a random id where there is no `occurred_at`: then "
        "a request that is sent again counts again.",
    )
    user_id: UserId
    item_id: ItemId
    event_type: str = Field(
        min_length=1,
        max_length=EVENT_TYPE_LENGTH,
        description=f"One of {', '.join(EVENT_TYPES)}, or a type that EVENT_WEIGHTS names.",
        examples=["view"],
    )
    rating: float | None = Field(
        None, description="On the data's rating scale; required where `event_type` is `rating`."
    )
    value: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="How much of it there was, where that is no rating: hours, a quantity, an "
        "amount. Against the median of its type, twice as much counts as two events.",
    )
    occurred_at: str | None = Field(
        None,
        description="ISO 8601, UTC where it has no offset, kept in milliseconds; by default now.",
        json_schema_extra={"format": "date-time"},
    )
    recommendation_id: str | None = Field(
        None,
        max_length=RECOMMENDATION_ID_LENGTH,
        description="Of the list in which the user saw the item, where that is known.",
    )


class InteractionsRequest(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "interactions": [
                        {
                            "event_id": "order-1017-line-1",
                            "user_id": "U10001",
                            "item_id": "TECH1005",
                            "event_type": "purchase",
                            "occurred_at": "2025-03-01T12:30:15.123Z",
                            "recommendation_id": f"{EXAMPLE_VERSION}.8c1f0e6a2b7d4935",
                        },
                        {
                            "user_id": "someone new",
                            "item_id": "TECH1005",
                            "event_type": "rating",
                            "rating": 4.5,
                        },
                    ]
                }
            ]
        }
    )

    interactions: Rows[NewInteraction]


class InteractionsResponse(BaseModel):
    """Every row that was sent is accepted, a duplicate, or rejected."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accepted": 1,
                    "duplicates": 0,
                    "rejected": [
                        {"index": 1, "reason": "rating: The scale is 1 to 5 (it is 7.0)"},
                    ],
                }
            ]
        }
    )

    accepted: int = Field(description="Committed to the database by this request.")
    duplicates: int = Field(description="Rows whose event_id was there before.")
    rejected: list[RejectedRow] = Field(description="What was not stored, and why.")
