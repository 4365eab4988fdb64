"""Lists: what is asked and what is answered."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import (
    DECIMAL,
    EXAMPLE_VERSION,
    OMISSIBLE,
    WHOLE_NUMBER,
    ItemId,
    Length,
    Request,
    UserId,
)
from services.api.schemas.filters.fields import (
    MOST_FIELDS,
    FieldName,
    FilterOption,
    FilterText,
)
from services.api.schemas.filters.grammar import parse_text
from shared.database.tables import CATEGORY_LENGTH

RankBy = Literal["relevance", "rating"]
ListSource = Literal["personal", "session", "attributes", "popular", "best_rated", "new", "pinned"]

MOST_ITEMS = 1000  # named in one request
EXAMPLE_ID = f"{EXAMPLE_VERSION}.8c1f0e6a2b7d4935"

Cursor = Annotated[str, Field(min_length=1, max_length=100)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

Fields = Annotated[list[FieldName], Field(max_length=MOST_FIELDS)]
Categories = Annotated[
    list[Annotated[str, Field(max_length=CATEGORY_LENGTH)]], Field(min_length=1, max_length=100)
]


class ListOptions(Request):
    """What any list can be asked for."""

    top_n: Annotated[Length, WHOLE_NUMBER] = Field(10, description="The length of the list.")
    exclude_rated: bool = Field(
        True, description="Leave out every item of the user's history, a second ago included."
    )
    rank_by: RankBy = Field(
        "relevance", description="Order by the ranker's score, or by predicted rating."
    )
    categories: Categories | None = Field(
        None, description='Only items of one of these: short for a filter of categories, "any".'
    )
    filter: FilterOption | None = Field(
        None,
        description="Only items that fulfil it; a list: all of them. By the name of one in the "
        "setting FILTERS, too.",
    )
    fields: Fields | None = Field(
        None,
        description="What is shown of each item: title, categories, and attributes by their names, "
        "null where an item does not have one; without it title and categories.",
    )
    exclude_items: list[ItemId] = Field(
        [], max_length=MOST_ITEMS, description="None of these items."
    )
    only_items: list[ItemId] | None = Field(
        None, min_length=1, max_length=MOST_ITEMS, description="Rank these items and no others."
    )
    diversity: Share = Field(
        0, description="0: by score alone; towards 1 each item is less like those above it."
    )
    exploration: Share = Field(
        0, description="How far scores are drawn by chance from what the model takes for possible."
    )
    explain: bool = Field(False, description="Say with each item why it is there.")


class RecommendRequest(ListOptions):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user_id": "U10001", "top_n": 10, "exclude_rated": True},
                {"user_id": "someone new", "top_n": 5, "rank_by": "rating"},
                {"user_id": "U10001", "categories": ["tech"], "diversity": 0.3, "explain": True},
                {
                    "user_id": "U10001",
                    "filter": {"categories": {"any": ["tech"], "none": ["sport"]}},
                    "fields": ["title", "categories", "price", "url"],
                },
            ]
        }
    )

    user_id: UserId
    cursor: Cursor | None = Field(
        None,
        description="`next_cursor` of the page before: more items, none of them a second time.",
    )


class SessionRequest(ListOptions):
    """A list for somebody of whom nothing is known but what they just looked at."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"item_ids": ["TECH1005", "TECH1011"], "top_n": 5}]}
    )

    item_ids: list[ItemId] = Field(
        min_length=1, max_length=MOST_ITEMS, description="What was looked at, oldest first."
    )


class BatchRequest(ListOptions):
    """The same list for many users."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user_ids": ["U10001", "U10002"], "top_n": 5}]}
    )

    user_ids: list[UserId] = Field(min_length=1, max_length=1000)


class Because(BaseModel):
    """A past interaction that an item's place comes from."""

    item_id: str
    title: str
    event_type: str | None = Field(description="What the user did last; null while MySQL is away.")
    share: float = Field(
        description="Of all that the history moved the score by, in both directions: -1 to 1."
    )


class Reason(BaseModel):
    """Why an item is in a list."""

    sentence: str
    because: list[Because] = Field(
        description="The interactions that moved the score most, up to five."
    )
    approximate: bool = Field(
        description="false: shares are exact, the model is linear in the history. true: each is "
        "how far the score falls without the interaction."
    )


class Recommendation(BaseModel):
    rank: int = Field(description="1 is best; follows `score` unless the list was reranked.")
    item_id: str
    predicted_rating: float | None = Field(
        description="On the data's rating scale; null where the model has no ratings."
    )
    score: float = Field(description="What the list is ordered by, on the ranker's own scale.")
    source: ListSource = Field(
        description="`personal`: from this user's history; `session`: from the items of the "
        "request. Where nothing is known, or the ranker knows no users: `attributes` (what people "
        "with the same attributes want), `popular`, or `best_rated` in the order by rating. `new`: "
        "no training has seen the item, it is scored by what is like it (before the first training "
        "nobody has wanted it yet); `pinned`: a rule."
    )
    title: str = Field("", description="Shown without `fields`, or where these name it.")
    categories: list[str] = Field([], description="Likewise.")
    reason: Reason | None = Field(None, description="With `explain`.")


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
                            "score": 0.875602,
                            "source": "personal",
                            "title": "Flux Wireless Keyboard",
                            "categories": ["tech"],
                            "reason": {
                                "sentence": "Because you rated Flux Compact Mouse.",
                                "because": [
                                    {
                                        "item_id": "TECH1011",
                                        "title": "Flux Compact Mouse",
                                        "event_type": "rating",
                                        "share": 0.3127,
                                    }
                                ],
                                "approximate": False,
                            },
                        }
                    ],
                    "total_count": 1,
                    "model_version": EXAMPLE_VERSION,
                    "recommendation_id": EXAMPLE_ID,
                    "next_cursor": EXAMPLE_ID,
                }
            ]
        }
    )

    user_id: str | None = Field(description="null for a session.")
    recommendations: list[Recommendation]
    total_count: int = Field(description="How many there are: `top_n`, or fewer if items run out.")
    model_version: str
    recommendation_id: str = Field(
        description="Names this list; send it along with what the user does next."
    )
    next_cursor: str | None = Field(
        None, description="Ask with it for the next page; null where there is none."
    )


class BatchResponse(BaseModel):
    results: list[RecommendResponse] = Field(description="One for each user, in the order asked.")
    model_version: str


class WhyNotQuery(BaseModel):
    """The request for the list that an item is missing from, as far as a URL can say it."""

    model_config = ConfigDict(extra="forbid")

    top_n: Annotated[Length, DECIMAL] = Field(10, examples=[10])
    exclude_rated: bool = Field(True, examples=[True])
    rank_by: RankBy = Field("relevance", examples=["relevance"])
    categories: Annotated[Categories | None, OMISSIBLE] = Field(None, examples=[["tech"]])
    filter: Annotated[FilterText | None, OMISSIBLE] = Field(None, examples=[None])
    exclude_items: list[ItemId] = Field([], max_length=MOST_ITEMS, examples=[["TECH1005"]])
    only_items: Annotated[list[ItemId] | None, OMISSIBLE] = Field(
        None, min_length=1, max_length=MOST_ITEMS, examples=[["TECH1007", "TECH1011"]]
    )
    diversity: Share = Field(0, examples=[0.3])
    cursor: Cursor | None = Field(
        None,
        examples=[None],
        description="`next_cursor` of the page before the one that the item is missing from.",
    )

    def list_options(self) -> ListOptions:
        options = self.model_dump(exclude={"cursor", "filter"})
        requested = None if self.filter is None else parse_text(self.filter)
        return ListOptions(**options, filter=requested)


class WhyNotResponse(BaseModel):
    """What becomes of an item on its way into a user's list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "U10001",
                    "item_id": "TECH1007",
                    "is_listed": False,
                    "stage": "unseen",
                    "rank": None,
                    "score": None,
                    "explanation": "It is in the user's history, and exclude_rated is true.",
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    user_id: str
    item_id: str
    is_listed: bool
    stage: str | None = Field(description="The stage that dropped the item; null where none did.")
    rank: int | None = Field(description="Its place among all; null where it was not ranked.")
    score: float | None
    explanation: str
    model_version: str
