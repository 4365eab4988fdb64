"""Writing rows once: what is there already is counted and left alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Connection, Engine

from shared import tables

Row = Mapping[str, Any]

CATALOGUE = "catalogue"
"""The name in `revisions` of what counts the changes of `items`."""

# The column by which a row is known to be there already.
_KEYS = {
    tables.users: tables.users.c.user_id,
    tables.items: tables.items.c.item_id,
    tables.interactions: tables.interactions.c.event_id,
}


def insert_missing(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> int:
    """Insert those of `rows` whose key is not in `table` yet; how many that were.

    The key is users.user_id, items.item_id or interactions.event_id. Rows share one set of
    columns, and values are plain (no SQL expressions): only so PyMySQL joins them into one
    statement. A row that another connection inserts meanwhile is left alone too. New items get a
    new revision of the catalogue.
    """
    key = _KEYS[table]
    by_key: dict[str, Row] = {}
    for row in rows:
        by_key.setdefault(row[key.name], row)  # the first of equal keys stays
    present = set(connection.scalars(sa.select(key).where(key.in_(by_key))))
    missing = [row for row_key, row in by_key.items() if row_key not in present]
    if missing and table is tables.items:
        revision = next_catalogue_revision(connection)
        missing = [{**row, "revision": revision} for row in missing]
    if missing:
        connection.execute(_insert_or_leave(connection, table, key), missing)
    return len(missing)


def _insert_or_leave(
    connection: Connection, table: sa.Table, key: sa.Column[Any]
) -> sa.sql.dml.Insert:
    if connection.dialect.name == "mysql":
        # Not INSERT IGNORE, which would also cut values that are too long.
        return mysql.insert(table).on_duplicate_key_update({key.name: key})
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=[key])


def next_catalogue_revision(connection: Connection) -> int:
    """Count a change of `items` in the transaction that makes it; the number for its rows.

    The counter's row stays locked until the commit, so that numbers become visible in their order.
    """
    mine = tables.revisions.c.name == CATALOGUE
    counted = sa.update(tables.revisions).where(mine).values(value=tables.revisions.c.value + 1)
    connection.execute(counted)
    return connection.scalar(sa.select(tables.revisions.c.value).where(mine)) or 0


def count(connection: Connection, table: sa.Table) -> int:
    """How many rows `table` has."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def empty(engine: Engine) -> None:
    """Delete every user, item, interaction and load; who was erased stays erased.

    MySQL deletes 10,000 rows a second and would give up on ten million; it truncates at once, but
    each table by itself.
    """
    truncates = engine.dialect.name == "mysql"
    with engine.begin() as connection:
        for table in (tables.users, tables.items, tables.interactions, tables.loads):
            connection.execute(
                sa.text(f"TRUNCATE TABLE {table.name}") if truncates else sa.delete(table)
            )
        next_catalogue_revision(connection)
