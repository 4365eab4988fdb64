"""What requests have in common: ids, and bodies without surprises."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError

from shared.database.tables import ID_LENGTH

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


Length = Annotated[int, Field(ge=1, le=100)]
"""Of a list."""


def _integral(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE_NUMBER = BeforeValidator(_integral)
"""Of an integer in a body, behind its bounds: 10.0 is one, as JSON Schema has it."""


def _decimal(text: object) -> object:
    if isinstance(text, str) and not re.fullmatch(r"-?[0-9]+(\.0+)?", text):
        raise PydanticKnownError("int_parsing")
    return text


DECIMAL = BeforeValidator(_decimal)
"""Of an integer in a query, behind its bounds: Pydantic alone would take +0.0, 1_0 and spaces."""


class Omissible:
    """Of an optional parameter of a URL, which can be left out and cannot be null: its schema says
    so. (`X | SkipJsonSchema[None]` does too, but pydantic's own words come into its errors.)"""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core)
        others = [part for part in schema.pop("anyOf") if part != {"type": "null"}]
        return {**others[0], **schema}


OMISSIBLE = Omissible()


class Request(BaseModel):
    """A body: types as they are in JSON (no "10" for 10), and no field that nobody reads."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
