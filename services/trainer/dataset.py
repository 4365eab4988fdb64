"""Reads the database into arrays: ids become indices here, once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Engine

from services.trainer.ratings import Ratings
from shared import tables
from shared.content_hash import ContentHash, id_hashes
from shared.errors import SommelierError
from shared.progress import progress
from shared.texts import IdMap, Texts
from shared.versions import DataSummary

BLOCK_ROWS = 20_000
DISLIKE = tables.EVENT_TYPES.index("dislike")


class NothingToLearnError(SommelierError):
    """A database without interactions."""


@dataclass(frozen=True)
class Events:
    """Interactions by index, in the order of their database ids; every array [n].

    `ratings` is nan where there is none, `event_codes` are positions in EVENT_TYPES, `occurred_at`
    epoch milliseconds.
    """

    user_indices: NDArray[np.int32]
    item_indices: NDArray[np.int32]
    event_codes: NDArray[np.uint8]
    ratings: NDArray[np.float64]
    occurred_at: NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Everything a training reads. Users and items are those of the interactions, in id order."""

    users: IdMap
    items: IdMap
    titles: Texts
    categories: Texts
    is_active: NDArray[np.bool_]
    events: Events
    summary: DataSummary

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.users), len(self.items)

    def ratings(self) -> Ratings | None:
        """The newest rating of each pair; None where there is no rating at all."""
        if self.summary.rating_scale is None:
            return None
        events = self.events
        rated = np.flatnonzero(~np.isnan(events.ratings))
        newest_last = rated[np.argsort(events.occurred_at[rated], kind="stable")]
        pairs = _pairs(events, self.shape)[newest_last]
        _, from_end = np.unique(pairs[::-1], return_index=True)
        kept = np.sort(newest_last[len(pairs) - 1 - from_end])
        return Ratings(
            user_indices=events.user_indices[kept],
            item_indices=events.item_indices[kept],
            values=events.ratings[kept].astype(np.float32),
            occurred_at=events.occurred_at[kept],
            shape=self.shape,
            scale=self.summary.rating_scale,
        )

    def popularity(self) -> NDArray[np.float32]:
        """How many users did anything but dislike an item, float32[items]."""
        liked = self.events.event_codes != DISLIKE
        pairs = np.unique(_pairs(self.events, self.shape)[liked])
        return np.bincount(pairs % self.shape[1], minlength=self.shape[1]).astype(np.float32)

    def seen(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Each user's distinct items: offsets int64[users + 1] and item indices int32[seen]."""
        users, items = np.divmod(np.unique(_pairs(self.events, self.shape)), self.shape[1])
        offsets = np.zeros(self.shape[0] + 1, dtype=np.int64)
        np.cumsum(np.bincount(users, minlength=self.shape[0]), out=offsets[1:])
        return offsets, items.astype(np.int32)


def _pairs(events: Events, shape: tuple[int, int]) -> NDArray[np.int64]:
    """One number for each user and item, int64[n]."""
    return events.user_indices.astype(np.int64) * shape[1] + events.item_indices


def read_dataset(engine: Engine) -> Dataset:
    """All interactions and what is known of their items, in about 30 bytes an interaction.

    Raises NothingToLearnError where there are none.
    """
    with engine.connect() as connection:
        scale = _declared_scale(connection)
        users, items, events, last_id = _read_events(connection)
        catalogue = _read_catalogue(connection, items)
    return Dataset(
        users,
        items,
        *catalogue,
        events=events,
        summary=DataSummary(
            rows=len(events.ratings),
            last_id=last_id,
            content_hash=_content_hash(users, items, events),
            rating_scale=rating_scale(events.ratings, scale),
        ),
    )


class _Codes:
    """Numbers ids as they come, and renumbers them in id order at the end."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def of(self, ids: Sequence[str]) -> NDArray[np.int32]:
        codes = self._codes
        return np.array([codes.setdefault(one, len(codes)) for one in ids], dtype=np.int32)

    def in_order(self) -> tuple[IdMap, NDArray[np.int32]]:
        """The ids in order, and for each code its index, int32[ids]."""
        index = np.empty(len(self._codes), dtype=np.int32)
        index[[self._codes[one] for one in sorted(self._codes)]] = np.arange(len(self._codes))
        return IdMap.of(self._codes), index


def _read_events(connection: Connection) -> tuple[IdMap, IdMap, Events, int]:
    users, items = _Codes(), _Codes()
    columns = []
    last_id = 0
    for block in _blocks(connection):
        ids, user_ids, item_ids, *rest = zip(*block, strict=True)
        last_id = ids[-1]
        columns.append((users.of(user_ids), items.of(item_ids), *_values(*rest)))
    if not columns:
        raise NothingToLearnError(
            "The database holds no interactions to learn from: generate some (make generate) or "
            "import your own (make import FROM=path) first."
        )
    user_codes, item_codes, *values = (np.concatenate(c) for c in zip(*columns, strict=True))
    user_map, user_index = users.in_order()
    item_map, item_index = items.in_order()
    events = Events(user_index[user_codes], item_index[item_codes], *values)
    return user_map, item_map, events, last_id


_EVENT_CODES = {name: code for code, name in enumerate(tables.EVENT_TYPES)}


def _values(
    event_types: Sequence[str], ratings: Sequence[float | None], occurred_at: Sequence[int]
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.int64]]:
    return (
        np.array([_EVENT_CODES[name] for name in event_types], dtype=np.uint8),
        np.array(ratings, dtype=np.float64),  # None becomes nan
        np.array(occurred_at, dtype=np.int64),
    )


def _blocks(connection: Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    table = tables.interactions
    query = sa.select(
        table.c.id,
        table.c.user_id,
        table.c.item_id,
        table.c.event_type,
        table.c.rating,
        tables.epoch_ms(table.c.occurred_at),
    ).order_by(table.c.id)
    total = connection.scalar(sa.select(sa.func.count()).select_from(table))
    rows = connection.execution_options(stream_results=True, yield_per=BLOCK_ROWS).execute(query)
    with progress("read", total, "rows") as advance:
        for block in rows.partitions():
            yield block
            advance(len(block))


def _read_catalogue(connection: Connection, items: IdMap) -> tuple[Texts, Texts, NDArray[np.bool_]]:
    titles, categories = [""] * len(items), [""] * len(items)
    is_active = np.ones(len(items), dtype=np.bool_)
    table = tables.items
    query = sa.select(table.c.item_id, table.c.title, table.c.category, table.c.is_active)
    for item_id, title, category, active in connection.execute(query):
        index = items.find(item_id)
        if index >= 0:
            titles[index], categories[index], is_active[index] = title, category, active
    return Texts.of(titles), Texts.of(categories), is_active


def _declared_scale(connection: Connection) -> tuple[float, float] | None:
    """The widest of the rating scales that were declared when data was brought in."""
    loads = tables.loads.c
    low, high = connection.execute(
        sa.select(sa.func.min(loads.rating_min), sa.func.max(loads.rating_max))
    ).one()
    return None if low is None or high is None else (float(low), float(high))


def rating_scale(
    ratings: NDArray[np.float64], declared: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Smallest and largest rating: what was declared, widened by what was seen.

    Ratings that are all equal tell nothing of their scale: 1 to 5 is taken where it holds them.
    None where there is no rating.
    """
    seen = ratings[~np.isnan(ratings)]
    if not len(seen):
        return None
    low, high = float(seen.min()), float(seen.max())
    if declared is None and low == high:
        declared = (1.0, 5.0)
    if declared is None:
        return low, high
    return min(low, declared[0]), max(high, declared[1])


def _content_hash(users: IdMap, items: IdMap, events: Events) -> str:
    content = ContentHash()
    user_hashes, item_hashes = id_hashes(users), id_hashes(items)
    for begin in range(0, len(events.ratings), BLOCK_ROWS):
        block = slice(begin, begin + BLOCK_ROWS)
        content.update(
            user_hashes[events.user_indices[block]],
            item_hashes[events.item_indices[block]],
            events.event_codes[block],
            events.ratings[block],
            events.occurred_at[block],
        )
    return content.hexdigest()
