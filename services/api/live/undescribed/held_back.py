"""Items that are in no list yet: nobody has described them, and too few people used them.

An id that somebody mistyped is an item like any other as far as an event tells. People who used it
are those of the training, and those who came since (services/api/live/trend.py).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.api.live.catalogue import Catalogue
from services.api.live.trend import Trend
from shared.arrays.types import Mask


@dataclass(frozen=True)
class HeldBack:
    """What is held back of a catalogue: `mask` bool[items], None where nothing is; `users`
    int64[items], how many people used each, out of `needed`; `mark` changes with the mask."""

    mask: Mask | None
    users: NDArray[np.int64]
    needed: int
    mark: str

    def offered(self, catalogue: Catalogue) -> Mask:
        """What lists may show, bool[items], for the caller to change."""
        return catalogue.is_active.copy() if self.mask is None else catalogue.is_active & ~self.mask

    def users_of(self, item: int) -> int:
        """How many people used an item, 0 where nothing is held back."""
        return int(self.users[item]) if len(self.users) else 0


NOTHING_HELD_BACK = HeldBack(None, np.empty(0, dtype=np.int64), 0, "")


class UndescribedItems:
    """Says what is held back, and remembers it: a request finds it made.

    `needed` people are enough for an item; 0 or 1: nothing is held back.
    """

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self._latest: tuple[Catalogue, Trend, HeldBack] | None = None

    def held_back(self, catalogue: Catalogue, trend: Trend) -> HeldBack:
        """What is held back of a catalogue; new where catalogue or trend are others than before."""
        if self._needed <= 1:
            return NOTHING_HELD_BACK
        latest = self._latest
        if latest is None or latest[0] is not catalogue or latest[1] is not trend:
            latest = self._latest = catalogue, trend, _held_back(catalogue, trend, self._needed)
        return latest[2]


def _held_back(catalogue: Catalogue, trend: Trend, needed: int) -> HeldBack:
    if catalogue.is_described.all():
        return NOTHING_HELD_BACK
    users = users_of_items(catalogue, trend)
    mask = ~catalogue.is_described & (users < needed)
    if not mask.any():
        return NOTHING_HELD_BACK
    mark = hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=8).hexdigest()
    return HeldBack(mask, users, needed, mark)


def users_of_items(catalogue: Catalogue, trend: Trend) -> NDArray[np.int64]:
    """How many people did anything but dislike each item, at training and since, int64[items]."""
    users = np.zeros(len(catalogue), dtype=np.int64)
    users[: catalogue.trained] = catalogue.version.content.item_users
    items = catalogue.find_all(trend.users)
    since = np.fromiter(trend.users.values(), dtype=np.int64, count=len(trend.users))
    users[items[items >= 0]] += since[items >= 0]
    return users
