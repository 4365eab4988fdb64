"""What a user can do to an item: types of events, the codes that arrays hold, what each says."""

from collections.abc import Iterable

EVENT_TYPES = ("rating", "view", "click", "cart", "purchase", "like", "dislike")
"""Every `event_type`; a position in this tuple is the code that arrays hold."""

EVENT_CODES = {name: code for code, name in enumerate(EVENT_TYPES)}
DISLIKE = EVENT_CODES["dislike"]

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


def require_event_types(names: Iterable[str]) -> None:
    """ValueError for the first name that is no event's."""
    if unknown := [name for name in names if name not in EVENT_TYPES]:
        raise ValueError(f"'{unknown[0]}' is no event; these are: {', '.join(EVENT_TYPES)}")
