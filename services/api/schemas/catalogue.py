"""Users and items as others describe them."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.api.schemas.base import ItemId, Request, UserId
from services.api.schemas.rows import RejectedRow, Rows
from shared.database.description_rules import ATTRIBUTES_LENGTH, LARGEST_INTEGER, MOST_CATEGORIES
from shared.database.tables import CATEGORY_LENGTH, CATEGORY_SEPARATOR, TITLE_LENGTH

DEPTH = 20  # MySQL's JSON ends at 100


def _storable(attributes: dict[str, Any]) -> dict[str, Any]:
    """What either database gives back as it came; an error that says why not."""
    _check_depth(attributes)
    try:
        text = json.dumps(attributes, ensure_ascii=False, allow_nan=False)
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("attributes", "Some text in it is not UTF-8") from None
    except ValueError:
        raise PydanticCustomError("attributes", "NaN and infinity are no JSON") from None
    if len(text) > ATTRIBUTES_LENGTH:
        raise PydanticCustomError(
            "attributes", f"As JSON it has more than {ATTRIBUTES_LENGTH:,} characters"
        )
    return attributes


def _check_depth(value: object, depth: int = 0) -> None:
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise PydanticCustomError("attributes", "A whole number in it has more than 64 bits")
    if not isinstance(value, dict | list):
        return
    if depth == DEPTH:
        raise PydanticCustomError("attributes", f"It is nested more than {DEPTH} deep")
    inner: Iterable[object] = value.values() if isinstance(value, dict) else value
    for child in inner:
        _check_depth(child, depth + 1)


Attributes = Annotated[
    dict[str, Any],
    AfterValidator(_storable),
    Field(description="Whatever you know, as a JSON object; replaced as a whole where given."),
]


CategoryName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=CATEGORY_LENGTH,
        pattern=rf"^[^{CATEGORY_SEPARATOR}]+$",
        description=f"A name, without `{CATEGORY_SEPARATOR}`.",
    ),
]


def _distinct(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


class DescribedUser(Request):
    """A field that is not given stays as it is; a new user has no attributes without it."""

    user_id: UserId
    attributes: Attributes = Field(default_factory=dict)


class DescribedItem(Request):
    """A field that is not given stays as it is; a new item gets the default."""

    item_id: ItemId
    title: str = Field("", max_length=TITLE_LENGTH)
    categories: Annotated[list[CategoryName], AfterValidator(_distinct)] = Field(
        default_factory=list, max_length=MOST_CATEGORIES
    )
    attributes: Attributes = Field(default_factory=dict)
    is_active: bool = Field(True, description="Whether it is recommended; the next list knows.")


class UsersRequest(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"users": [{"user_id": "U10001", "attributes": {"age_group": "25-34"}}]}]
        }
    )

    users: Rows[DescribedUser]


class ItemsRequest(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "item_id": "TECH2001",
                            "title": "Flux Mechanical Keyboard",
                            "categories": ["tech", "new"],
                            "attributes": {"brand": "Flux"},
                        },
                        {"item_id": "TECH1005", "is_active": False},
                    ]
                }
            ]
        }
    )

    items: Rows[DescribedItem]


class DescribedResponse(BaseModel):
    """Every row that was sent is created, updated, or rejected."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"created": 1, "updated": 1, "rejected": []}]}
    )

    created: int
    updated: int = Field(description="Those that were there before, changed or not.")
    rejected: list[RejectedRow] = Field(description="What was not stored, and why.")
