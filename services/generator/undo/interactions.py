"""The interactions of a load: found by ranges of ids, as no index leads to them."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database.removals import count_removal, mark_removal
from shared.database.tables import interactions
from shared.database.timestamps import present

RANGE_IDS = 100_000  # looked through at once: 30 ms
CHUNK_ROWS = 2_000  # deleted in a transaction: MySQL deletes 10,000 a second, and requests wait


class IdRange(NamedTuple):
    """Interactions with `after` < id <= `last`."""

    after: int
    last: int

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        return sa.and_(interactions.c.id > self.after, interactions.c.id <= self.last)


def id_ranges(engine: Engine) -> Iterator[IdRange]:
    """All ids that there are now, in ranges."""
    with engine.connect() as connection:
        first, last = connection.execute(
            sa.select(sa.func.min(interactions.c.id), sa.func.max(interactions.c.id))
        ).one()
    if last is not None:
        for after in range(first - 1, last, RANGE_IDS):
            yield IdRange(after, min(after + RANGE_IDS, last))


def count_interactions(engine: Engine, load_id: int) -> int:
    """How many interactions the load has brought that are still there."""
    with engine.connect() as connection:
        counts = (
            connection.scalar(
                sa.select(sa.func.count()).where(ids.holds, interactions.c.load_id == load_id)
            )
            for ids in id_ranges(engine)
        )
        return sum(count or 0 for count in counts)


def delete_interactions(engine: Engine, load_id: int, advance: Callable[[int], object]) -> int:
    """Delete them, CHUNK_ROWS in a transaction; how many there were. `advance` is called with how
    many more are gone."""
    deleted = 0
    for ids in id_ranges(engine):
        query = sa.select(interactions.c.id).where(ids.holds, interactions.c.load_id == load_id)
        with engine.connect() as connection:
            found = connection.scalars(query).all()
        for begin in range(0, len(found), CHUNK_ROWS):
            chunk = found[begin : begin + CHUNK_ROWS]
            with engine.begin() as connection:
                count_removal(connection)
                mark_removal(connection, _users_of(chunk), present())
                # By their ids: a range would also lock what stands between them.
                statement = sa.delete(interactions).where(interactions.c.id.in_(chunk))
                deleted += connection.execute(statement).rowcount
            advance(len(chunk))
    return deleted


def _users_of(ids: Sequence[int]) -> sa.Select[str]:
    return sa.select(interactions.c.user_id).where(interactions.c.id.in_(ids))
