"""What a user can do to an item: types of events, what each says, and the codes in arrays."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, NonNegativeFloat
from pydantic_settings import NoDecode

from shared.database.tables import EVENT_TYPE_LENGTH

EVENT_TYPES = ("rating", "view", "click", "cart", "purchase", "like", "dislike")
"""The types that there are without naming any."""

DISLIKE = EVENT_TYPES.index("dislike")
"""Its code, whatever other types there are."""

EVENT_WEIGHTS = {
    "rating": 1.0,
    "view": 1.0,
    "click": 1.0,
    "cart": 2.0,
    "purchase": 3.0,
    "like": 2.0,
    "dislike": 2.0,
}
"""How much one event of each type says, against a view."""

_NAME = re.compile(rf"[a-z][a-z0-9_.-]{{0,{EVENT_TYPE_LENGTH - 1}}}")


def event_codes(weights: Mapping[str, float]) -> dict[str, int]:
    """The code of each type: those of EVENT_TYPES first, then the others in order of their names,
    so that the same types have the same codes wherever they are named."""
    own = sorted(set(weights) - set(EVENT_TYPES))
    return {name: code for code, name in enumerate((*EVENT_TYPES, *own))}


def require_event_types(names: Iterable[str], known: Iterable[str] = EVENT_TYPES) -> None:
    """ValueError for the first name that is no event's."""
    types = list(known)
    if unknown := [name for name in names if name not in types]:
        raise ValueError(f"'{unknown[0]}' is no event; these are: {', '.join(types)}")


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = [part.rpartition(":") for part in value.split(",") if part.strip()]
    if any(not name.strip() for name, _colon, _weight in parts):
        raise ValueError("use a comma list of name:weight, such as view:1,purchase:3,wishlist:2")
    return {name.strip(): weight for name, _colon, weight in parts}


def _completed(weights: dict[str, float]) -> dict[str, float]:
    for name in weights:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"'{name}' cannot be a type of event: a name has up to {EVENT_TYPE_LENGTH} small "
                "letters, digits, _ . and -, a letter first"
            )
    if len(weights.keys() | EVENT_WEIGHTS.keys()) > MOST_EVENT_TYPES:
        raise ValueError(f"there can be {MOST_EVENT_TYPES} types of events at most")
    return EVENT_WEIGHTS | weights


MOST_EVENT_TYPES = 256  # a code is a byte

EventWeights = Annotated[
    dict[str, NonNegativeFloat], NoDecode, BeforeValidator(_split), AfterValidator(_completed)
]
"""A setting: comma list of name:weight; a name that is not in EVENT_TYPES is a type of its own."""
