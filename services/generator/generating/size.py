"""How much data is made, and how it is divided among groups of users and categories."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.generator.generating.catalogue import CATEGORIES
from shared.errors import SommelierError

USER_PERCENT = {"tech": 30, "fashion": 30, "sport": 40}
INTERACTION_PERCENT = {"tech": 40, "fashion": 40, "sport": 20}
LEAST_OWN = 5
"""Every user has at least so many interactions with the category of the own group."""

_LEAST_USERS = 10
_LEAST_ITEMS = 36  # a third of them is what the least active groups need: 12 for each user


class SizeError(SommelierError):
    """A size for which the promises about the data cannot be kept."""


class PerCategory(NamedTuple):
    """How many belong to each category, int64[categories] in the order of CATEGORIES."""

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    interactions: NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How much to make; SizeError says which bound a number breaks."""

    users: int
    items: int
    interactions: int

    def __post_init__(self) -> None:
        _require("users", self.users, at_least=_LEAST_USERS)
        _require("items", self.items, at_least=_LEAST_ITEMS)
        # Beyond a third of all pairs the choices of the active users would be forced.
        least, most = self._least_interactions(), self.users * self.items // 3
        if not least <= self.interactions <= most:
            raise SizeError(
                f"--interactions {self.interactions} does not fit {self.users} users and "
                f"{self.items} items: use {least} to {most}."
            )

    @property
    def per_category(self) -> PerCategory:
        """How many users of each group, items and interactions of each category there are."""
        return PerCategory(
            users=_divide(self.users, USER_PERCENT),
            items=_divide(self.items, {category.name: 1 for category in CATEGORIES}),
            interactions=_divide(self.interactions, INTERACTION_PERCENT),
        )

    def _least_interactions(self) -> int:
        """The smallest number with which each user and each item gets its least."""
        users, items, _ = self.per_category
        needed = np.maximum(LEAST_OWN * users, items)
        percent = np.array([INTERACTION_PERCENT[category.name] for category in CATEGORIES])
        return int(np.max(-(-needed * 100 // percent)))


def _require(what: str, value: int, *, at_least: int) -> None:
    if value < at_least:
        raise SizeError(f"--{what} {value} is too small: use {at_least} or more.")


def _divide(total: int, parts: dict[str, int]) -> NDArray[np.int64]:
    """`total` in proportion to the parts, by largest remainder; int64[categories]."""
    weights = np.array([parts[category.name] for category in CATEGORIES])
    shares, remainders = np.divmod(total * weights, weights.sum())
    left = total - int(shares.sum())
    shares[np.argsort(-remainders, kind="stable")[:left]] += 1
    return shares
