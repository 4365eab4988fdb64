"""What many want since the training: added to popularity, in the same unit, for people of whom
nothing is known. Before the first training that is all that is known.

Each user who did anything but dislike an item since the training counts once for it, whether or
not training counted them too. A pair that MOST_PAIRS others came after is forgotten and would count
again. Where popularity ages (POPULARITY_HALF_LIFE_DAYS), what comes later weighs more by as much as
what was there has decayed.

Where interactions were removed, or became another user's, all is counted anew beside what is
served: so what is gone is forgotten, on every replica.
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
from shared.database.removals import REMOVALS_REVISION, emptyings
from shared.scorers.histories import DAY_MS

BLOCK_ROWS = 5_000  # of one query: 30 ms, far below the time limit of a read
OVERLAP = 1_000  # ids are handed out before commit: the latest are looked at again
# Of a user and an item, remembered so as not to count again; 20 MB. A million rows of 950,000 pairs
# in no order, as an import before the first training may bring, are counted 3 % too high.
MOST_PAIRS = 200_000
MANY_USERS = 100  # at training: whether one more of them was there before is not looked up

Row = tuple[int, str, str, int | None]  # id, user, item, time


class Block(NamedTuple):
    """Rows in the order of their ids, and how often rows had been removed before they were read."""

    removals: int
    rows: Sequence[Row]


@dataclass(frozen=True)
class Trend:
    """How much more popular items have become, and how many `users` came to them who had not been
    there at training, by id; `mark` changes with every change."""

    gains: Mapping[str, float]
    mark: tuple[int, ...] = ()
    users: Mapping[str, int] = field(default_factory=dict)
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

    `removals` says how often rows had been removed before, None before the first look.
    """

    version: Version
    first_id: int
    removals: int | None = None
    last_id: int = 0
    pairs: OrderedDict[int, None] = field(default_factory=OrderedDict)
    gains: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    users: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _found: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, version: Version) -> "Counting":
        """What the version was not trained on, nothing of it counted yet."""
        return cls(version, version.manifest.data.last_id)

    def anew(self) -> "Counting":
        """The same, nothing of it counted yet."""
        return Counting(self.version, self.first_id)

    def looks_from(self) -> int:
        """The id after which the next look begins."""
        return max(self.first_id, self.last_id - OVERLAP)

    def was_emptied_before(self, block: Block) -> bool:
        """Whether the rows are of tables that were emptied after the first look."""
        return self.removals is not None and emptyings(block.removals) != emptyings(self.removals)

    def add(self, block: Block) -> bool:
        """Count rows; whether that changes anything."""
        if self.removals is None:
            self.removals = block.removals
        counted = False
        for _id, user_id, item_id, occurred_at in block.rows:
            pair = hash((user_id, item_id))  # 64 bits, salted; no id stays here
            if pair not in self.pairs:
                self.pairs[pair] = None
                self.gains[item_id] += gain(self.version, occurred_at)
                self.users[item_id] += not self._was_trained(user_id, item_id)
                counted = True
        while len(self.pairs) > MOST_PAIRS:
            self.pairs.popitem(last=False)
        self.last_id = max([self.last_id, *(row[0] for row in block.rows[-1:])])
        return counted

    def _was_trained(self, user_id: str, item_id: str) -> bool:
        """Whether the user is among the people of the item at training, where these are few."""
        content = self.version.content
        item = self._found.get(item_id)
        if item is None:
            item = self._found[item_id] = content.items.find(item_id)
        if item < 0 or not 0 < content.item_users[item] < MANY_USERS:
            return False
        history = content.histories[content.users.find(user_id)]
        return bool(history.preferences[history.item_indices == item].any())

    def trend(self) -> Trend:
        """What was counted by now."""
        return Trend(dict(self.gains), (self.last_id, self.removals or 0), dict(self.users))


class LiveTrend:
    """Follows the interactions that are newer than the served version's."""

    def __init__(self, served: ServedVersion, database: DatabaseReader) -> None:
        self._served = served
        self._database = database
        self._counting = Counting.of(served.version)
        self._anew: Counting | None = None
        self.trend = Trend({})

    async def poll(self) -> None:
        """Count what is new, block after block: an import before the first training too. Where
        rows were removed, go on counting all anew, a block at each poll."""
        if self._served.version is not self._counting.version:
            self._begin(Counting.of(self._served.version))
        last = await self._follow(self._counting)
        if last is None or last.removals == self._counting.removals:
            return
        if self._counting.was_emptied_before(last):  # ids begin again
            self._begin(Counting(self._counting.version, first_id=0))
        else:
            await self._count_anew()

    async def _follow(self, counting: Counting) -> Block | None:
        """Count what is new; the last block of it, None where the database is away."""
        since = counting.looks_from()
        while block := await self._database.read(partial(_read, since=since)):
            if counting.was_emptied_before(block):
                return block
            if counting.add(block):
                self.trend = counting.trend()
            if len(block.rows) < BLOCK_ROWS or self._served.version is not counting.version:
                return block
            since = block.rows[-1][0]
        return None

    async def _count_anew(self) -> None:
        """Go on with the count that will take the place of the one that is served."""
        anew = self._anew = self._anew or self._counting.anew()
        block = await self._database.read(partial(_read, since=anew.last_id or anew.first_id))
        if block is None:
            return
        anew.add(block)
        if len(block.rows) < BLOCK_ROWS:
            self._counting, self._anew, self.trend = anew, None, anew.trend()

    def _begin(self, counting: Counting) -> None:
        self._counting, self._anew, self.trend = counting, None, Trend({})


def gain(version: Version, occurred_at: int | None) -> float:
    """What one more user adds to an item's popularity, 1 where popularity does not age or nobody
    knows when it was."""
    half_life = version.manifest.popularity_half_life_days
    if half_life is None or occurred_at is None:
        return 1.0
    trained_at = version.manifest.created_at.timestamp() * 1000
    return float(2 ** ((occurred_at - trained_at) / (half_life * DAY_MS)))


def _read(connection: Connection, since: int) -> Block:
    removals = connection.scalar(REMOVALS_REVISION) or 0
    table = tables.interactions.c
    query = (
        sa.select(table.id, table.user_id, table.item_id, tables.epoch_ms(table.occurred_at))
        .where(table.id > since, table.event_type != "dislike")
        .order_by(table.id)
        .limit(BLOCK_ROWS)
    )
    return Block(removals, connection.execute(query).all())
