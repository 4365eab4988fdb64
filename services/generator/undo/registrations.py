"""Users and items that a load registered and that nothing speaks of any more without it.

Such a row has no interactions but the load's, came while the load ran, and says nothing but what
the load wrote.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services.generator.undo.interactions import id_ranges
from shared.database.storage import next_catalogue_epoch
from shared.database.tables import interactions, items, merges, users

_PAGE_ROWS = 5_000  # read, or deleted in a transaction

Row = dict[str, Any]

Untouched = Callable[[Row], bool]
"""Whether a row of `users` or `items` is as the load wrote it."""


def unneeded_users(engine: Engine, load_id: int, untouched: Untouched) -> list[str]:
    """The users whom nothing needs once the load's interactions are gone."""
    with engine.connect() as connection:
        return [
            user_id
            for rows in _pages(connection, users)
            for user_id in _without_events(
                connection, [row["user_id"] for row in rows if untouched(row)], load_id
            )
        ]


class UnneededItems(NamedTuple):
    """Ids of items, as found when `last_id` was the newest interaction."""

    ids: Sequence[str]
    last_id: int


def unneeded_items(engine: Engine, load_id: int, untouched: Untouched) -> UnneededItems:
    """The items that nothing needs once the load's interactions are gone: found in one pass over
    all interactions, which are not in the order of items."""
    with engine.connect() as connection:
        last_id = connection.scalar(sa.select(sa.func.max(interactions.c.id))) or 0
        rows = chain.from_iterable(_pages(connection, items))
        candidates = dict.fromkeys(row["item_id"] for row in rows if untouched(row))
        for ids in id_ranges(engine) if candidates else ():
            query = sa.select(interactions.c.item_id).where(ids.holds, _not_of(load_id))
            for item_id in connection.scalars(query.distinct()):
                candidates.pop(item_id, None)
    return UnneededItems(list(candidates), last_id)


def delete_users(
    engine: Engine, load_id: int, user_ids: Sequence[str], untouched: Untouched
) -> int:
    """Delete those of the users that are still unneeded, some thousand in a transaction; how
    many."""
    deleted = 0
    for chunk in _chunks(user_ids):
        with engine.begin() as connection:
            deleted += _delete_users(connection, chunk, load_id, untouched)
    return deleted


def delete_items(engine: Engine, found: UnneededItems, untouched: Untouched) -> int:
    """The same of items; whoever has read them reads all items again."""
    deleted = 0
    for chunk in _chunks(found.ids):
        with engine.begin() as connection:
            deleted += _delete_items(connection, chunk, found.last_id, untouched)
    return deleted


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[begin : begin + _PAGE_ROWS] for begin in range(0, len(ids), _PAGE_ROWS))


def _without_events(connection: Connection, user_ids: Sequence[str], load_id: int) -> Iterator[str]:
    """Those of the users who have no interactions but the load's, and whom nobody became."""
    events = interactions.c
    active = sa.select(events.user_id).where(events.user_id.in_(user_ids), _not_of(load_id))
    became = sa.select(merges.c.into_user_id).where(merges.c.into_user_id.in_(user_ids))
    needed = {*connection.scalars(active.distinct()), *connection.scalars(became)}
    return (user_id for user_id in user_ids if user_id not in needed)


def _not_of(load_id: int) -> sa.ColumnElement[bool]:
    return sa.or_(interactions.c.load_id.is_(None), interactions.c.load_id != load_id)


def _pages(connection: Connection, table: sa.Table) -> Iterator[list[Row]]:
    """All rows of `users` or `items`, in the order of their ids."""
    [key] = table.primary_key.columns
    after = ""
    while True:
        query = sa.select(table).where(key > after).order_by(key).limit(_PAGE_ROWS)
        rows = [row._asdict() for row in connection.execute(query)]
        if not rows:
            return
        yield rows
        after = rows[-1][key.name]


def _delete_users(
    connection: Connection, user_ids: Sequence[str], load_id: int, untouched: Untouched
) -> int:
    untouched_ids = _held(connection, users, user_ids, untouched)
    unneeded = list(_without_events(connection, untouched_ids, load_id))
    return connection.execute(sa.delete(users).where(users.c.user_id.in_(unneeded))).rowcount


def _delete_items(
    connection: Connection, item_ids: Sequence[str], last_id: int, untouched: Untouched
) -> int:
    next_catalogue_epoch(connection)  # first: who writes items waits for it too
    untouched_ids = _held(connection, items, item_ids, untouched)
    events = interactions.c
    came = sa.select(events.item_id).where(events.id > last_id, events.item_id.in_(untouched_ids))
    unneeded = set(untouched_ids).difference(connection.scalars(came))
    return connection.execute(sa.delete(items).where(items.c.item_id.in_(unneeded))).rowcount


def _held(
    connection: Connection, table: sa.Table, ids: Sequence[str], untouched: Untouched
) -> list[str]:
    """Those that are untouched; nobody describes them before the transaction ends."""
    [key] = table.primary_key.columns
    query = sa.select(table).where(key.in_(ids)).order_by(key).with_for_update()
    rows = (row._asdict() for row in connection.execute(query))
    return [row[key.name] for row in rows if untouched(row)]
