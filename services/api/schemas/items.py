"""Items: what is known of them, and lists of them that are nobody's."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.api.schemas.base import DECIMAL, EXAMPLE_VERSION, OMISSIBLE, Length
from services.api.schemas.filters.conditions import RequestedFilter
from services.api.schemas.filters.fields import FieldsText, FilterText
from services.api.schemas.filters.grammar import parse_text
from shared.database.tables import CATEGORY_LENGTH

Category = Annotated[str, Field(min_length=1, max_length=CATEGORY_LENGTH)]

EXAMPLE_ROW: JsonDict = {
    "item_id": "TECH1005",
    "title": "Flux Wireless Keyboard",
    "categories": ["tech"],
    "attributes": {"price": 49.9, "in_stock": True},
    "is_active": True,
    "created_at": "2025-01-02T03:04:05.678000Z",
}
EXAMPLE_SHOWN: JsonDict = {"title": "Flux Compact Mouse", "categories": ["tech"]}

SimilarSource = Literal["model", "category", "popular"]


class ItemListQuery(BaseModel):
    """What a list of items that is nobody's can be asked for."""

    model_config = ConfigDict(extra="forbid")

    top_n: Annotated[Length, DECIMAL] = Field(10, examples=[10])
    category: Annotated[Category | None, OMISSIBLE] = Field(None, examples=["tech"])
    filter: Annotated[FilterText | None, OMISSIBLE] = Field(None, examples=[None])
    fields: Annotated[FieldsText | None, OMISSIBLE] = Field(None, examples=["title,price"])

    def categories(self) -> list[str] | None:
        return None if self.category is None else [self.category]

    def requested_filter(self) -> RequestedFilter | None:
        return None if self.filter is None else parse_text(self.filter)


class ShownItem(BaseModel):
    """An item of a list, with the attributes that `fields` name beside it."""

    rank: int
    item_id: str
    title: str = Field("", description="Shown without `fields`, or where these name it.")
    categories: list[str] = Field([], description="Likewise.")


class SimilarItem(ShownItem):
    similarity: float = Field(description="1 is most alike.")


class SimilarResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_id": "TECH1005",
                    "similar": [
                        {"rank": 1, "item_id": "TECH1011", "similarity": 0.9312, **EXAMPLE_SHOWN}
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
        "it knows nothing of this one, these are popular in one of its categories; `popular`: it "
        "has no category, or shares it with none, and these are popular everywhere."
    )
    model_version: str


class PopularItem(ShownItem):
    score: float = Field(description="How many want it, at training and since.")


class PopularResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [{"rank": 1, "item_id": "TECH1011", "score": 151.0, **EXAMPLE_SHOWN}],
                    "total_count": 1,
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    items: list[PopularItem] = Field(description="The most wanted first.")
    total_count: int = Field(description="How many there are: `top_n`, or fewer if items run out.")
    model_version: str


class LatestItem(ShownItem):
    created_at: dt.datetime | None = Field(description="null where nobody knows; these come last.")


class LatestResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "rank": 1,
                            "item_id": "TECH1011",
                            "created_at": "2025-01-02T03:04:05.678000Z",
                            **EXAMPLE_SHOWN,
                        }
                    ],
                    "total_count": 1,
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    items: list[LatestItem] = Field(description="The newest first.")
    total_count: int = Field(description="How many there are: `top_n`, or fewer if items run out.")
    model_version: str


class Item(BaseModel):
    """An item as it was described."""

    item_id: str
    title: str
    categories: list[str]
    attributes: dict[str, Any]
    is_active: bool = Field(description="Whether it is in lists.")
    created_at: dt.datetime | None = Field(description="Since when it is there; null: unknown.")


class ItemsResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [EXAMPLE_ROW],
                    "total_count": 600,
                    "next_cursor": "TECH1005",
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    items: list[Item] = Field(description="In the byte order of their ids.")
    total_count: int = Field(description="All items that the database or the model knows.")
    next_cursor: str | None = Field(
        description="Ask with it for the next page; null where there is none."
    )
    model_version: str


class ItemResponse(Item):
    """What is known of an item."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE_ROW,
                    "known_to_model": True,
                    "num_interactions": 151,
                    "num_users": 120,
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    known_to_model: bool = Field(description="Whether a training has seen it.")
    num_interactions: int | None = Field(
        description="At training; null where no training has seen it, or one before they were kept."
    )
    num_users: int | None = Field(description="Who did anything to it, at training; null likewise.")
    model_version: str


class DeactivatedResponse(BaseModel):
    """What became of an item that was to be deleted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_id": "TECH1005",
                    "is_active": False,
                    "explanation": "It is in no list from now on. …",
                }
            ]
        }
    )

    item_id: str
    is_active: Literal[False]
    explanation: str = Field(description="What is gone, what stays, and how to bring it back.")
