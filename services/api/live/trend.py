"""What many want since the training: added to popularity, in the same unit, for people of whom
nothing is known.

Each user who did anything but dislike an item since the training counts once for it, whether or
not training counted them too. A pair that MOST_PAIRS others came after is forgotten and would count
again. Where popularity ages (POPULARITY_HALF_LIFE_DAYS), what comes later weighs more by as much as
what was there has decayed.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.catalogue import Catalogue
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from shared.arrays.types import Float32
from shared.artifacts.versions import Version
from shared.database import tables
from shared.scorers.histories import DAY_MS

BLOCK_ROWS = 5_000  # of one look: 30 ms; what is left comes with the next
OVERLAP = 1_000  # ids are handed out before commit: the latest are looked at again
MOST_PAIRS = 200_000  # of a user and an item, remembered so as not to count again; 20 MB

Row = tuple[int, str, str, int | None]  # id, user, item, time


@dataclass(frozen=True)
class Trend:
    """How much more popular items have become by id; `mark` changes with every change."""

    gains: Mapping[str, float]
    mark: int = 0

    def added_to(self, scores: Float32, catalogue: Catalogue) -> Float32:
        """Scores of popularity, float32[n, items], with the gains."""
        if not self.gains:
            return scores
        items = catalogue.find_all(self.gains)
        gains = np.fromiter(self.gains.values(), dtype=np.float32)
        raised = np.array(scores)
        raised[:, items[items >= 0]] += gains[items >= 0]
        return raised


class LiveTrend:
    """Follows the interactions that are newer than the served version's."""

    def __init__(self, served: ServedVersion, database: DatabaseReader) -> None:
        self._served = served
        self._database = database
        self._version: Version | None = None
        self._last_id = 0
        self._pairs: OrderedDict[int, None] = OrderedDict()
        self._gains: defaultdict[str, float] = defaultdict(float)
        self.trend = Trend({})

    async def poll(self) -> None:
        """Count what is new, a block at a time."""
        version = self._served.version
        if version is None:
            return
        if version is not self._version:
            self._begin(version)
        since = max(version.manifest.data.last_id, self._last_id - OVERLAP)
        rows = await self._database.read(lambda connection: _read(connection, since))
        if rows:
            self._count(version, rows)

    def _begin(self, version: Version) -> None:
        self._version, self._last_id = version, version.manifest.data.last_id
        self._pairs.clear()
        self._gains.clear()
        self.trend = Trend({})

    def _count(self, version: Version, rows: Sequence[Row]) -> None:
        counted = False
        for _id, user_id, item_id, occurred_at in rows:
            pair = hash((user_id, item_id))  # 64 bits, salted; no id stays here
            if pair not in self._pairs:
                self._pairs[pair] = None
                self._gains[item_id] += gain(version, occurred_at)
                counted = True
        while len(self._pairs) > MOST_PAIRS:
            self._pairs.popitem(last=False)
        self._last_id = max(self._last_id, rows[-1][0])
        if counted:
            self.trend = Trend(dict(self._gains), self._last_id)


def gain(version: Version, occurred_at: int | None) -> float:
    """What one more user adds to an item's popularity, 1 where popularity does not age or nobody
    knows when it was."""
    half_life = version.manifest.popularity_half_life_days
    if half_life is None or occurred_at is None:
        return 1.0
    trained_at = version.manifest.created_at.timestamp() * 1000
    return float(2 ** ((occurred_at - trained_at) / (half_life * DAY_MS)))


def _read(connection: Connection, since: int) -> Sequence[Row]:
    table = tables.interactions.c
    query = (
        sa.select(table.id, table.user_id, table.item_id, tables.epoch_ms(table.occurred_at))
        .where(table.id > since, table.event_type != "dislike")
        .order_by(table.id)
        .limit(BLOCK_ROWS)
    )
    return connection.execute(query).all()
