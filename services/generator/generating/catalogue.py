"""What there is to like: three categories, ids with gaps, titles that people can read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LARGEST_GAP = 5  # between one id's number and the next
_FIRST_USER = 10001


@dataclass(frozen=True)
class Category:
    """A category, which is also the favourite of one group of users."""

    name: str
    prefix: str
    first_number: int
    brands: tuple[str, ...]
    styles: tuple[str, ...]
    products: tuple[str, ...]


# In the order of their prefixes: so the order of items is that of their ids.
CATEGORIES = (
    Category(
        name="fashion",
        prefix="FASH",
        first_number=1002,
        brands=("Alder", "Belmont", "Corso", "Dalia", "Elm & Thread", "Fjord", "Gilda", "Harbour"),
        styles=("Classic", "Cropped", "Linen", "Merino", "Oversized", "Slim", "Striped", "Vintage"),
        products=("Blazer", "Cardigan", "Coat", "Dress", "Jeans", "Scarf", "Shirt", "Skirt"),
    ),
    Category(
        name="sport",
        prefix="SPRT",
        first_number=1001,
        brands=("Apex", "Boulder", "Crest", "Dynamo", "Everfit", "Falcon", "Granite", "Highland"),
        styles=("Alpine", "All-Weather", "Carbon", "Compact", "Indoor", "Light", "Pro", "Trail"),
        products=(
            "Backpack",
            "Football",
            "Helmet",
            "Racket",
            "Shoes",
            "Tent",
            "Weights",
            "Yoga Mat",
        ),
    ),
    Category(
        name="tech",
        prefix="TECH",
        first_number=1005,
        brands=("Aurora", "Beacon", "Cobalt", "Delta", "Echo", "Flux", "Gamma", "Halo"),
        styles=("Compact", "Foldable", "Gaming", "Mini", "Portable", "Smart", "Ultra", "Wireless"),
        products=(
            "Camera",
            "Earbuds",
            "Keyboard",
            "Laptop",
            "Monitor",
            "Phone",
            "Speaker",
            "Tablet",
        ),
    ),
)


def user_ids(how_many: int, rng: np.random.Generator) -> list[str]:
    """Ids such as U10001 (always the first number) with gaps between them."""
    return [f"U{number}" for number in _numbers(_FIRST_USER, how_many, rng)]


def item_ids(category: Category, how_many: int, rng: np.random.Generator) -> list[str]:
    """Ids such as TECH1005 with gaps between them."""
    numbers = _numbers(category.first_number, how_many, rng)
    return [f"{category.prefix}{number}" for number in numbers]


def _numbers(first: int, how_many: int, rng: np.random.Generator) -> NDArray[np.int64]:
    gaps = rng.integers(1, _LARGEST_GAP, size=how_many - 1, endpoint=True)
    return first + np.concatenate([[0], np.cumsum(gaps)])


def titles(category: Category, how_many: int, rng: np.random.Generator) -> list[str]:
    """Distinct titles such as `Aurora Wireless Headphones`; `… Mk 2` once all were used."""
    names = [
        f"{brand} {style} {product}"
        for brand in category.brands
        for style in category.styles
        for product in category.products
    ]
    order = rng.permutation(len(names))
    return [
        names[order[number % len(names)]] + _edition(number // len(names))
        for number in range(how_many)
    ]


def _edition(earlier: int) -> str:
    return f" Mk {earlier + 1}" if earlier else ""
