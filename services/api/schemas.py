"""What requests and responses hold."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.segments import Criterion, Segment
from shared.tables import ID_LENGTH

EXAMPLE_VERSION = "20250102T030405Z-0a1b2c"

UserId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=ID_LENGTH,
        description="Your own id of the user, compared byte by byte.",
        examples=["U10001"],
    ),
]
ItemId = Annotated[
    str,
    Field(min_length=1, max_length=ID_LENGTH, description="Your own id of the item."),
]
RankBy = Literal["relevance", "rating"]
ListSource = Literal["personal", "popular", "best_rated"]
PredictionSource = Literal["model", "item", "user", "mean", "none"]


class Request(BaseModel):
    """A body: types as they are in JSON (no "10" for 10), and no field that nobody reads."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RecommendRequest(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user_id": "U10001", "top_n": 10, "exclude_rated": True},
                {"user_id": "someone new", "top_n": 5, "rank_by": "rating"},
            ]
        }
    )

    user_id: UserId
    top_n: int = Field(10, ge=1, le=100, description="The length of the list.")
    exclude_rated: bool = Field(
        True, description="Leave out every item of the user's history, a second ago included."
    )
    rank_by: RankBy = Field(
        "relevance", description="Order by the ranker's score, or by predicted rating."
    )


class Recommendation(BaseModel):
    rank: int = Field(description="1 is best; follows `score`.")
    item_id: str
    predicted_rating: float | None = Field(
        description="On the data's rating scale; null where the model has no ratings."
    )
    score: float = Field(description="What the list is ordered by, on the ranker's own scale.")
    source: ListSource = Field(
        description="`personal`: from this user's history. For a user of whom there is none, or "
        "where the ranker knows no users: `popular`, or `best_rated` in the order by rating."
    )
    title: str
    category: str


class RecommendResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "U10001",
                    "recommendations": [
                        {
                            "rank": 1,
                            "item_id": "TECH1005",
                            "predicted_rating": 4.8756,
                            "score": 4.875602,
                            "source": "personal",
                            "title": "Flux Wireless Keyboard",
                            "category": "tech",
                        }
                    ],
                    "total_count": 1,
                    "model_version": EXAMPLE_VERSION,
                    "recommendation_id": f"{EXAMPLE_VERSION}.8c1f0e6a2b7d4935",
                }
            ]
        }
    )

    user_id: str
    recommendations: list[Recommendation]
    total_count: int = Field(description="How many there are: `top_n`, or fewer if items run out.")
    model_version: str
    recommendation_id: str = Field(
        description="Names this list; send it along with what the user does next."
    )


class PredictRequest(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"user_id": "U10001", "item_ids": ["TECH1005", "no such item"]}]
        }
    )

    user_id: UserId
    item_ids: list[ItemId] = Field(min_length=1, max_length=1000)


class Prediction(BaseModel):
    item_id: str
    predicted_rating: float | None = Field(description="Null where the model has no ratings.")
    uncertainty: float | None = Field(
        None,
        description="Standard deviation of the rating that the user would give, in stars or "
        "whatever unit; null where the model does not tell, or the item is unknown.",
    )
    source: PredictionSource = Field(
        description="What is known: `model` both sides, `item` or `user` one side's bias alone, "
        "`mean` neither, `none` no rating model."
    )


class PredictResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "U10001",
                    "predictions": [
                        {
                            "item_id": "TECH1005",
                            "predicted_rating": 4.8756,
                            "uncertainty": 0.5121,
                            "source": "model",
                        },
                        {
                            "item_id": "TECH1009",
                            "predicted_rating": 4.1032,
                            "uncertainty": 0.6313,
                            "source": "model",
                        },
                    ],
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    user_id: str
    predictions: list[Prediction] = Field(description="One for each asked, in the order asked.")
    model_version: str


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
    occurred_at: dt.datetime


class UserSegment(BaseModel):
    segment_id: str
    name: str
    certainty: float = Field(description="0 to 1: how clearly the user is in this segment.")


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
    latest_interactions: list[Interaction] | None = Field(description="Newest first, up to ten.")
    model_version: str | None


class Component(BaseModel):
    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str


class Components(BaseModel):
    database: Component
    cache: Component
    model: Component


class HealthResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "degraded",
                    "model_loaded": True,
                    "model_version": EXAMPLE_VERSION,
                    "num_users": 1000,
                    "num_items": 600,
                    "components": {
                        "database": {"status": "healthy", "detail": "answers"},
                        "cache": {"status": "degraded", "detail": "does not answer"},
                        "model": {"status": "healthy", "detail": f"serves {EXAMPLE_VERSION}"},
                    },
                }
            ]
        }
    )

    status: Literal["healthy", "degraded", "unhealthy"] = Field(
        description="degraded: lists are answered, but a component is not healthy. "
        "unhealthy: there is no model to answer with."
    )
    model_loaded: bool
    model_version: str | None
    num_users: int
    num_items: int
    components: Components


class LiveResponse(BaseModel):
    status: Literal["alive"] = "alive"


class ReadyResponse(BaseModel):
    status: Literal["ready"] = "ready"
    model_version: str


class AboutResponse(BaseModel):
    name: str
    version: str
    links: dict[str, str]


class FieldError(BaseModel):
    field: str
    reason: str
    value: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = Field(None, description="One for each wrong field.")
