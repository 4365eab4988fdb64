"""The items of the small version as a shop describes them: with a price, a language, a date."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.api.serving import Serve
from tests.api.small_version import FASHION_ITEMS, INACTIVE, TECH_ITEMS

GIFT = "GIFT"
"""The second category of every fifth item."""

NAMED = (
    '{"cheap": {"attributes": {"price": {"max": 10}}}, "gifts": {"categories": {"any": ["GIFT"]}}}'
)
"""The setting FILTERS."""

Description = dict[str, Any]


def number_of(item: str) -> int:
    """1 to 20 in each kind."""
    return int(item[4:]) - 1000


def categories_of(item: str) -> list[str]:
    return [item[:4], GIFT] if number_of(item) % 5 == 0 else [item[:4]]


def attributes_of(item: str) -> Description:
    """A number, a text, a truth value, a date, and a list that every second item has."""
    number = number_of(item)
    return {
        "price": number + 0.5,
        "language": "en" if number % 2 else "de",
        "in_stock": number % 4 != 0,
        "released": f"20{number:02}-06-30",
    } | ({"tags": ["sale", f"t{number}"]} if number % 2 else {})


def described(item: str) -> Description:
    """The item as `POST /items` takes it."""
    return {
        "item_id": item,
        "title": f"Title of {item}",
        "categories": categories_of(item),
        "attributes": attributes_of(item),
        "is_active": item != INACTIVE,
    }


def send(api: httpx.Client, *items: Description) -> None:
    """Describe items, all of which must be taken."""
    answer = api.post("/items", json={"items": items})
    assert answer.raise_for_status().json()["rejected"] == []


@contextmanager
def open_shop(serve: Serve) -> Iterator[httpx.Client]:
    """The API with all items described and NAMED filters."""
    with serve(filters=NAMED) as api:
        send(api, *map(described, TECH_ITEMS + FASHION_ITEMS))
        yield api


def offered(kind: str, fulfils: Callable[[Description], bool]) -> list[str]:
    """The active items of a kind whose attributes fulfil this, those of the highest numbers first:
    the order of everyone who likes the kind."""
    items = TECH_ITEMS if kind == "TECH" else FASHION_ITEMS
    return [item for item in reversed(items) if item != INACTIVE and fulfils(attributes_of(item))]
