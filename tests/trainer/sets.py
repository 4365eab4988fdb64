"""Sets of items for tests, from lists."""

from itertools import chain

import numpy as np

from services.trainer.data.item_sets import ItemSets
from shared.arrays.types import Mask


def sets(*rows: list[int]) -> ItemSets:
    """A set of items for each row."""
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    items = np.array(list(chain(*rows)), dtype=np.int64)
    return ItemSets.from_pairs(users, items, len(rows))


def rows_of(found: ItemSets) -> list[list[int]]:
    """The items of each set."""
    return [part.tolist() for part in np.split(found.item_indices, found.offsets[1:-1])]


def mask(*values: int) -> Mask:
    """Ones and zeros as bool[n]."""
    return np.array(values, dtype=np.bool_)
