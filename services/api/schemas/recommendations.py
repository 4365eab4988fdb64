"""Lists: what is asked and what is answered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION, Request, UserId

RankBy = Literal["relevance", "rating"]


ListSource = Literal["personal", "popular", "best_rated"]


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
