"""What many want since the training: added to popularity, in the same unit, for people of whom
nothing is known. Before the first training that is all that is known.

Each user who did anything but dislike an item since the training counts once for it, whether or
not training counted them too. A pair that MOST_PAIRS others came after is forgotten and would count
again. Where popularity ages (POPULARITY_HALF_LIFE_DAYS), what comes later weighs more by as much as
what was there has decayed.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.catalogue import Catalogue
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from shared.arrays.types import Float32
from shared.artifacts.versions import Version
from shared.database import tables
from shared.database.storage import CATALOGUE_REVISION, catalogue_epoch
from shared.scorers.histories import DAY_MS

BLOCK_ROWS = 5_000  # of one query: 30 ms, far below the time limit of a read
OVERLAP = 1_000  # ids are handed out before commit: the latest are looked at again
# Of a user and an item, remembered so as not to count again; 20 MB. A million rows of 950,000 pairs
# in no order, as an import before the first training may bring, are counted 3 % too high.
MOST_PAIRS = 200_000

Row = tuple[int, str, str, int | None]  # id, user, item, time


class Block(NamedTuple):
    """Rows in the order of their ids, and which emptying of the tables they come after."""

    epoch: int
    rows: Sequence[Row]


@dataclass(frozen=True)
class Trend:
    """How much more popular items have become by id; `mark` changes with every change."""

    gains: Mapping[str, float]
    mark: int = 0
    _found: list[tuple[Catalogue, Float32]] = field(default_factory=list, compare=False, repr=False)

    def added_to(self, scores: Float32, catalogue: Catalogue) -> Float32:
        """Scores of popularity, float32[n, items], with the gains."""
        return scores + self.of_items(catalogue) if self.gains else scores

    def of_items(self, catalogue: Catalogue) -> Float32:
        """The gain of each item of a catalogue, float32[items]; kept for those who ask next, since
        to look up 50,000 ids takes 20 ms."""
        for known, gains in self._found:
            if known is catalogue:
                return gains
        items = catalogue.find_all(self.gains)
        gains = np.zeros(len(catalogue), dtype=np.float32)
        gains[items[items >= 0]] = np.fromiter(self.gains.values(), dtype=np.float32)[items >= 0]
        self._found[:] = [(catalogue, gains)]
        return gains


@dataclass
class Counting:
    """What was counted for a version of the interactions after `first_id`, by now up to `last_id`.

    `epoch` says after which emptying of the tables, None before the first look.
    """

    version: Version
    first_id: int
    epoch: int | None = None
    last_id: int = 0
    pairs: OrderedDict[int, None] = field(default_factory=OrderedDict)
    gains: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @classmethod
    def of(cls, version: Version) -> "Counting":
        """What the version was not trained on, nothing of it counted yet."""
        return cls(version, version.manifest.data.last_id)

    def looks_from(self) -> int:
        """The id after which the next look begins."""
        return max(self.first_id, self.last_id - OVERLAP)

    def add(self, rows: Sequence[Row]) -> bool:
        """Count rows; whether that changes anything."""
        counted = False
        for _id, user_id, item_id, occurred_at in rows:
            pair = hash((user_id, item_id))  # 64 bits, salted; no id stays here
            if pair not in self.pairs:
                self.pairs[pair] = None
                self.gains[item_id] += gain(self.version, occurred_at)
                counted = True
        while len(self.pairs) > MOST_PAIRS:
            self.pairs.popitem(last=False)
        self.last_id = max([self.last_id, *(row[0] for row in rows[-1:])])
        return counted


class LiveTrend:
    """Follows the interactions that are newer than the served version's."""

    def __init__(self, served: ServedVersion, database: DatabaseReader) -> None:
        self._served = served
        self._database = database
        self._begin(Counting.of(served.version))

    async def poll(self) -> None:
        """Count what is new, block after block: an import before the first training too."""
        if self._served.version is not self._counting.version:
            self._begin(Counting.of(self._served.version))
        counting = self._counting
        since = counting.looks_from()
        while block := await self._database.read(partial(_read, since=since)):
            if counting.epoch not in (None, block.epoch):  # emptied: ids begin again
                self._begin(Counting(counting.version, first_id=0))
                return
            counting.epoch = block.epoch
            if counting.add(block.rows):
                self.trend = Trend(dict(counting.gains), counting.last_id)
            if len(block.rows) < BLOCK_ROWS or self._served.version is not counting.version:
                return
            since = block.rows[-1][0]

    def _begin(self, counting: Counting) -> None:
        self._counting, self.trend = counting, Trend({})


def gain(version: Version, occurred_at: int | None) -> float:
    """What one more user adds to an item's popularity, 1 where popularity does not age or nobody
    knows when it was."""
    half_life = version.manifest.popularity_half_life_days
    if half_life is None or occurred_at is None:
        return 1.0
    trained_at = version.manifest.created_at.timestamp() * 1000
    return float(2 ** ((occurred_at - trained_at) / (half_life * DAY_MS)))


def _read(connection: Connection, since: int) -> Block:
    epoch = catalogue_epoch(connection.scalar(CATALOGUE_REVISION) or 0)
    table = tables.interactions.c
    query = (
        sa.select(table.id, table.user_id, table.item_id, tables.epoch_ms(table.occurred_at))
        .where(table.id > since, table.event_type != "dislike")
        .order_by(table.id)
        .limit(BLOCK_ROWS)
    )
    return Block(epoch, connection.execute(query).all())
