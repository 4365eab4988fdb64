"""Filters and shown fields as parts of a request, in a body and in a URL."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.api.schemas.filters.conditions import RequestedFilter
from services.api.schemas.filters.grammar import (
    MOST_ATTRIBUTES,
    MOST_PARTS,
    MOST_VALUES,
    VALUE_LENGTH,
    WrongGrammar,
    parse_requested,
    parse_text,
)
from shared.database.tables import CATEGORY_LENGTH

FIELD_LENGTH = 200
MOST_FIELDS = 50

FILTER, FILTER_NAME = "Filter", "FilterName"
"""Components of the OpenAPI document, which fields refer to."""

FILTER_EXAMPLE = {"categories": {"any": ["tech"]}}


def _said(parse: Callable[[Any], Any], value: object) -> Any:
    """What `parse` makes of a value; why it cannot, as pydantic has it."""
    try:
        return parse(value)
    except WrongGrammar as error:
        raise PydanticCustomError("filter", "{reason}", {"reason": str(error)}) from None


def _checked(text: str) -> str:
    _said(parse_text, text)
    return text


def _reference(component: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{component}"}


_ONE = [_reference(FILTER), _reference(FILTER_NAME)]
_REQUESTED = {"anyOf": [*_ONE, {"type": "array", "maxItems": MOST_PARTS, "items": {"anyOf": _ONE}}]}

FilterOption = Annotated[
    RequestedFilter,
    PlainValidator(lambda value: _said(parse_requested, value)),
    WithJsonSchema(_REQUESTED),
]
"""In a body."""

FilterText = Annotated[
    str,
    AfterValidator(_checked),
    WithJsonSchema({"contentMediaType": "application/json", "contentSchema": _REQUESTED}),
]
"""In a URL: JSON, or the name of a filter as it is."""

FieldName = Annotated[str, Field(min_length=1, max_length=FIELD_LENGTH)]

FieldsText = Annotated[str, Field(max_length=FIELD_LENGTH * 10)]
"""In a URL: names with commas between them."""


def field_names(text: str | None) -> list[str] | None:
    """The names in such a text."""
    if text is None:
        return None
    return list(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def components(filter_names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The schemas of FILTER and FILTER_NAME, where the settings hold filters of these names."""
    scalar = {
        "anyOf": [
            {"type": "string", "maxLength": VALUE_LENGTH},
            {"type": "number"},
            {"type": "boolean"},
        ]
    }
    others = {
        "in": _list_of(scalar),
        "not_in": _list_of(scalar),
        "present": {"type": "boolean"},
    }
    condition = {"anyOf": [*scalar["anyOf"], *(_operators(others, end) for end in _ENDS)]}
    name = _list_of({"type": "string", "maxLength": CATEGORY_LENGTH})
    names = _object(dict.fromkeys(("any", "all", "none"), name), at_least=1)
    attributes = {
        "type": "object",
        "maxProperties": MOST_ATTRIBUTES,
        "propertyNames": {"maxLength": FIELD_LENGTH},
        "additionalProperties": condition,
    }
    return {
        FILTER: {
            **_object({"categories": names, "attributes": attributes}),
            "description": "All conditions have to be true; docs/api.md#filters has the grammar.",
            "examples": [FILTER_EXAMPLE],
        },
        FILTER_NAME: {
            "type": "string",
            "enum": [*filter_names],
            "description": "A filter of the setting FILTERS.",
        },
    }


_ENDS: tuple[dict[str, Any], ...] = (
    {"type": "number"},
    {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]},
)


def _operators(others: dict[str, Any], end: dict[str, Any]) -> dict[str, Any]:
    return _object({**others, "min": end, "max": end}, 1)


def _object(properties: dict[str, Any], at_least: int = 0) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": at_least,
    }


def _list_of(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": MOST_VALUES, "items": element}
