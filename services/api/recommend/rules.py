"""What the operator wants in every list: pinned and boosted items, as configured."""

from collections.abc import Iterator

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.api.live.catalogue import Catalogue
from shared.arrays.types import Float32


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

    def pins(self, catalogue: Catalogue, shown: int) -> Iterator[tuple[int, int]]:
        """The place on this page, from 0, and the item index of each pin, first places first;
        `shown` items were on the pages before."""
        for pinned in sorted(self.pinned, key=lambda one: one.rank):
            place, item = pinned.rank - 1 - shown, catalogue.find(pinned.item_id)
            if place >= 0 and item >= 0:
                yield place, item

    def boosts(self, catalogue: Catalogue) -> Float32 | None:
        """By how many deviations each item moves, float32[items]; None where none does."""
        if not self.boosted:
            return None
        moved = np.zeros(len(catalogue), dtype=np.float32)
        for one in self.boosted:
            if one.category is not None:
                moved[catalogue.in_categories([one.category])] += one.by
            elif (item := catalogue.find(one.item_id or "")) >= 0:
                moved[item] += one.by
        return moved


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
