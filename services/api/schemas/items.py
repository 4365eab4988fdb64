"""Items and what is like them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION

SimilarSource = Literal["model", "category", "popular"]


class SimilarItem(BaseModel):
    rank: int
    item_id: str
    similarity: float = Field(description="1 is most alike.")
    title: str
    category: str


class SimilarResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_id": "TECH1005",
                    "similar": [
                        {
                            "rank": 1,
                            "item_id": "TECH1011",
                            "similarity": 0.9312,
                            "title": "Flux Compact Mouse",
                            "category": "tech",
                        }
                    ],
                    "source": "model",
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    item_id: str
    similar: list[SimilarItem] = Field(description="Most alike first.")
    source: SimilarSource = Field(
        description="`model`: by the cosine of what the ranker learned of two items; `category`: "
        "it knows nothing of this one, these are popular in its category; `popular`: it has no "
        "category, or has it alone, and these are popular everywhere."
    )
    model_version: str
