"""Filters: which items a list may hold, by their categories and attributes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Scalar = str | bool | float


@dataclass(frozen=True)
class CategoryCondition:
    """`any` of these, `all` of them, `none` of them; None: whatever they are."""

    any: tuple[str, ...] | None = None
    all: tuple[str, ...] | None = None
    none: tuple[str, ...] | None = None
    text: str = ""
    """As it was asked for."""


@dataclass(frozen=True)
class Bounds:
    """A range, its ends included: of numbers or, where `of_dates`, of milliseconds since 1970."""

    low: float | None
    high: float | None
    of_dates: bool = False


@dataclass(frozen=True)
class AttributeCondition:
    """What has to be true of an attribute, all of it; None: whatever it is.

    An attribute that an item does not have fulfils `not_in` and `is_present` = False alone.
    """

    name: str
    is_in: tuple[Scalar, ...] | None = None
    not_in: tuple[Scalar, ...] | None = None
    bounds: Bounds | None = None
    is_present: bool | None = None
    text: str = ""
    """As it was asked for."""


Condition = CategoryCondition | AttributeCondition


@dataclass(frozen=True)
class ItemFilter:
    """Conditions that all have to be true. `text` is equal for equal filters alone, as True and 1
    are not in Python."""

    text: str
    conditions: tuple[Condition, ...] = field(compare=False, repr=False)

    @classmethod
    def all_of(cls, filters: Iterable["ItemFilter"]) -> "ItemFilter":
        """Where all of the filters hold."""
        parts = [*filters]
        text = "[" + ",".join(part.text for part in parts) + "]"
        return cls(text, tuple(condition for part in parts for condition in part.conditions))


class RequestedFilter:
    """What a request asks for: filters, and names of such as the settings hold; all have to be
    true."""

    def __init__(self, parts: Iterable[str | ItemFilter]) -> None:
        self.parts = tuple(parts)

    def __repr__(self) -> str:
        return f"RequestedFilter({self.parts})"
