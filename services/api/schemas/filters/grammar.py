"""How filters are written in JSON, and what is said of wrong ones."""

import json
import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from services.api.schemas.filters.conditions import (
    AttributeCondition,
    Bounds,
    CategoryCondition,
    Condition,
    ItemFilter,
    RequestedFilter,
    Scalar,
)
from shared.database.tables import CATEGORY_LENGTH
from shared.database.timestamps import iso_ms

MOST_VALUES = 100  # of one condition
MOST_ATTRIBUTES = 20  # of one filter
MOST_PARTS = 10  # filters in a list
NAME_LENGTH = 200  # of an attribute
VALUE_LENGTH = 1_000

DAY_MS = 86_400_000
LONGEST_DAY = 10  # characters: 2024-01-31, 20240131 or 2024-W05-3, and no time behind it

CATEGORY_OPERATORS = ("any", "all", "none")
ATTRIBUTE_OPERATORS = ("in", "not_in", "min", "max", "present")

T = TypeVar("T")


class WrongGrammar(ValueError):
    """A filter that is not written as one, in words."""


def parse_filter(value: object) -> ItemFilter:
    """A filter from JSON; WrongGrammar."""
    fields = _object(value, "a filter", ("categories", "attributes"))
    conditions: list[Condition] = []
    if "categories" in fields:
        conditions.append(_category_condition(fields["categories"]))
    if "attributes" in fields:
        conditions += _attribute_conditions(fields["attributes"])
    _require_utf8(fields)
    return ItemFilter(json.dumps(value, sort_keys=True), tuple(conditions))


def in_categories(names: list[str]) -> ItemFilter:
    """What `"categories": [...]` of a request stands for."""
    return parse_filter({"categories": {"any": names}})


def parse_requested(value: object) -> RequestedFilter:
    """One filter, the name of one, or a list of such; WrongGrammar."""
    if isinstance(value, RequestedFilter):
        return value
    parts = value if isinstance(value, list) else [value]
    if len(parts) > MOST_PARTS:
        raise WrongGrammar(f"a list of filters holds up to {MOST_PARTS}, not {len(parts)}")
    return RequestedFilter(part if isinstance(part, str) else parse_filter(part) for part in parts)


def is_json(text: str) -> bool:
    """Whether a text in a URL is JSON rather than a name."""
    return text.lstrip().startswith(("{", "[", '"'))


def parse_text(text: str) -> RequestedFilter:
    """The same from a URL: JSON, or a name as it is; WrongGrammar."""
    if not is_json(text):
        return RequestedFilter([text])
    return parse_requested(read_json(text))


def read_json(text: str) -> object:
    """What a text says in JSON, where a name stands once in each object; WrongGrammar."""
    try:
        return json.loads(text, object_pairs_hook=_named_once)
    except RecursionError:
        raise WrongGrammar("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise WrongGrammar(f"it is no JSON: {error}") from None
    except WrongGrammar:
        raise
    except ValueError:  # Python reads no number of more digits than 4,300
        raise WrongGrammar("a number in it has too many digits") from None


def _named_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in named if names.count(name) > 1)
        raise WrongGrammar(f"it names {_shown(twice)} twice")
    return named


def _require_utf8(fields: Mapping[str, object]) -> None:
    if not is_utf8(json.dumps(fields, ensure_ascii=False)):
        raise WrongGrammar("some text in the filter is not UTF-8, which no item has")


def is_utf8(text: str) -> bool:
    """Whether a text can be written down: JSON may hold halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _category_condition(value: object) -> CategoryCondition:
    where = "categories"
    given = _object(value, where, CATEGORY_OPERATORS, at_least=1)
    names = {
        operator: tuple(_list(listed, f"{where}.{operator}", _category))
        for operator, listed in given.items()
    }
    return CategoryCondition(**names, text=f"{where} {_shown(value)}")


def _category(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > CATEGORY_LENGTH:
        raise WrongGrammar(
            f"{where} holds names of up to {CATEGORY_LENGTH} characters, not {_shown(value)}"
        )
    return value


def _attribute_conditions(value: object) -> list[Condition]:
    if not isinstance(value, dict):
        raise WrongGrammar(f"attributes is an object of conditions by name, not {_shown(value)}")
    if len(value) > MOST_ATTRIBUTES:
        raise WrongGrammar(f"attributes names up to {MOST_ATTRIBUTES}, not {len(value)}")
    return [_attribute_condition(name, condition) for name, condition in value.items()]


def _attribute_condition(name: str, value: object) -> AttributeCondition:
    where, text = f"attributes.{name}", f"attributes.{name} {_shown(value)}"
    if len(name) > NAME_LENGTH:
        raise WrongGrammar(f"the name of an attribute has up to {NAME_LENGTH} characters")
    if not isinstance(value, dict):
        return AttributeCondition(name, is_in=(_scalar(value, where),), text=text)
    given = _object(value, where, ATTRIBUTE_OPERATORS, at_least=1)
    return AttributeCondition(
        name,
        is_in=_scalars(given, "in", where),
        not_in=_scalars(given, "not_in", where),
        bounds=_bounds(given, where),
        is_present=_truth(given, "present", where),
        text=text,
    )


def _scalars(given: Mapping[str, object], operator: str, where: str) -> tuple[Scalar, ...] | None:
    if operator not in given:
        return None
    return tuple(_list(given[operator], f"{where}.{operator}", _scalar))


def _scalar(value: object, where: str) -> Scalar:
    if isinstance(value, str) and len(value) <= VALUE_LENGTH:
        return value
    if isinstance(value, bool):
        return value
    if (number := _number(value)) is not None:
        return number
    hint = {list: ' (for one of several {"in": […]})', type(None): ' (for none {"present": false})'}
    raise WrongGrammar(
        f"{where} is compared with a text of up to {VALUE_LENGTH:,} characters, a number, true or "
        f"false, not with {_shown(value)}{hint.get(type(value), '')}"
    )


def _truth(given: Mapping[str, object], operator: str, where: str) -> bool | None:
    value = given.get(operator)
    if operator in given and not isinstance(value, bool):
        raise WrongGrammar(f"{where}.{operator} is true or false, not {_shown(value)}")
    return value if isinstance(value, bool) else None


def _bounds(given: Mapping[str, object], where: str) -> Bounds | None:
    ends = {end: given[end] for end in ("min", "max") if end in given}
    if not ends:
        return None
    of_dates = isinstance(next(iter(ends.values())), str)
    read: Callable[[object, str, str], float] = _date if of_dates else _bound
    found = {end: read(value, end, f"{where}.{end}") for end, value in ends.items()}
    low, high = found.get("min"), found.get("max")
    if low is not None and high is not None and low > high:
        raise WrongGrammar(
            f"{where}: min {_shown(ends['min'])} is above max {_shown(ends['max'])}, so that no "
            "item could fulfil it"
        )
    return Bounds(low, high, of_dates)


def _bound(value: object, end: str, where: str) -> float:
    number = _number(value)
    if number is None:
        raise WrongGrammar(
            f"{where} is a number, or a date as in 2024-01-31 (both ends alike), not "
            f"{_shown(value)}"
        )
    return number


def _date(value: object, end: str, where: str) -> float:
    """In milliseconds; of a day its first as `min` and its last as `max`."""
    moment = iso_ms(value) if isinstance(value, str) else None
    if moment is None:
        raise WrongGrammar(
            f"{where} is a date as in 2024-01-31 or 2024-01-31T18:00:00Z (both ends alike), or a "
            f"number, not {_shown(value)}"
        )
    is_day = len(str(value)) <= LONGEST_DAY
    return moment + DAY_MS - 1 if is_day and end == "max" else moment


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _object(
    value: object, what: str, known: tuple[str, ...], at_least: int = 0
) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise WrongGrammar(f"{what} is an object with {_listed(known)}, not {_shown(value)}")
    for name in value:
        if name not in known:
            raise WrongGrammar(f"{what} has no '{name}': there are {_listed(known)}")
    if len(value) < at_least:
        raise WrongGrammar(f"{what} says nothing: give it {_listed(known, 'or')}")
    return value


def _list(value: object, where: str, element: Callable[[object, str], T]) -> list[T]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
        raise WrongGrammar(f"{where} is a list of 1 to {MOST_VALUES} values, not {_shown(value)}")
    return [element(entry, where) for entry in value]


def _listed(words: tuple[str, ...], conjunction: str = "and") -> str:
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
