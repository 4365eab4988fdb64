"""What the operator wants in every list: pinned and boosted items, as configured."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


class Rule(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Pin(Rule):
    """An item that is shown at a place, wherever it may be shown at all."""

    item_id: str
    rank: int = Field(1, ge=1, le=100)


class Boost(Rule):
    """An item or a category whose score moves by `by` standard deviations of the list's scores."""

    item_id: str | None = None
    category: str | None = None
    by: float = Field(ge=-10, le=10)

    @model_validator(mode="after")
    def _check(self) -> "Boost":
        if (self.item_id is None) == (self.category is None):
            raise ValueError("a boost names either an item_id or a category")
        return self


class Rules(Rule):
    """{"pinned": [{"item_id": "A", "rank": 1}], "boosted": [{"category": "b", "by": 0.5}]}"""

    pinned: tuple[Pin, ...] = ()
    boosted: tuple[Boost, ...] = ()


def parse_rules(value: object) -> object:
    """Rules from the text of a setting; ValueError in words that name the part."""
    if not isinstance(value, str):
        return value
    try:
        return Rules.model_validate_json(value)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ValueError(f"{where}: {problem['msg']}" if where else problem["msg"]) from None
