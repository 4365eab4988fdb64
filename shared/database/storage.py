"""Writing rows once: what is there already is counted and left alone."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Connection, Engine

from shared.database import tables
from shared.database.removals import count_emptying

Row = Mapping[str, Any]

CATALOGUE = "catalogue"
"""The name in `revisions` of what counts the changes of `items`."""

CATALOGUE_REVISION = sa.select(tables.revisions.c.value).where(tables.revisions.c.name == CATALOGUE)
"""How often the items have been written."""

EPOCH = 2**32  # revisions between one deletion of items and the next

# The column by which a row is known to be there already.
_KEYS = {
    tables.users: tables.users.c.user_id,
    tables.items: tables.items.c.item_id,
    tables.interactions: tables.interactions.c.event_id,
    tables.tombstones: tables.tombstones.c.digest,
}


_EMPTIED = (tables.users, tables.merges, tables.items, tables.interactions, tables.loads)


def insert_missing(
    connection: Connection, table: sa.Table, rows: Sequence[Row], present: int | None = None
) -> set[str]:
    """Insert those of `rows` whose key is not in `table` yet; the keys of those.

    The key is users.user_id, items.item_id or interactions.event_id. Rows share one set of
    columns, and values are plain (no SQL expressions): only so PyMySQL joins them into one
    statement. A row that another connection inserts meanwhile is left alone too. New items get a
    new revision of the catalogue. `present`: how many of the keys are there, where
    that is known from `count_present`.
    """
    key = _KEYS[table]
    by_key: dict[str, Row] = {}
    for row in rows:
        by_key.setdefault(row[key.name], row)  # the first of equal keys stays
    there = _present(connection, key, by_key, present)
    missing = [row for row_key, row in by_key.items() if row_key not in there]
    if missing and table is tables.items:
        revision = next_catalogue_revision(connection)
        missing = [{**row, "revision": revision} for row in missing]
    if missing:
        connection.execute(_insert_or_replace(connection, key, columns=()), missing)
    return by_key.keys() - there


def count_present(
    connection: Connection, keys: Mapping[sa.Table, Collection[str]]
) -> dict[sa.Table, int]:
    """How many of the keys of each table are there: one round trip for all."""
    counts = [
        sa.select(sa.func.count()).where(_KEYS[table].in_(among)).scalar_subquery()
        for table, among in keys.items()
    ]
    return dict(zip(keys, connection.execute(sa.select(*counts)).one(), strict=True))


def upsert(
    connection: Connection, table: sa.Table, rows: Sequence[Row], columns: Sequence[str]
) -> set[str]:
    """Insert `rows`, all with other keys; of those whose key is in `table` already only `columns`
    are replaced. The keys of the new ones.

    Rows share one set of columns and hold plain values, as for `insert_missing`.
    """
    key = _KEYS[table]
    keys = {row[key.name] for row in rows}
    new = keys - _present(connection, key, keys)
    connection.execute(_insert_or_replace(connection, key, columns), rows)
    return new


def _present(
    connection: Connection, key: sa.Column[str], keys: Collection[str], found: int | None = None
) -> set[str]:
    """Those of the keys that are there, `found` of them where that is known. Mostly it is all or
    none: to count them takes MySQL and PyMySQL 1 ms for 500, to hand them over 6."""
    among = key.in_(keys)
    if found is None:
        found = connection.scalar(sa.select(sa.func.count()).where(among))
    if found in (0, len(keys)):
        return set(keys) if found else set()
    return set(connection.scalars(sa.select(key).where(among)))


def _insert_or_replace(
    connection: Connection, key: sa.Column[str], columns: Sequence[str]
) -> sa.sql.dml.Insert:
    """Of a row that is there already `columns` are replaced; none: it is left alone."""
    table = key.table
    if connection.dialect.name == "mysql":
        # Not INSERT IGNORE, which would also cut values that are too long; and not the newer
        # VALUES (…) AS new, which PyMySQL would send row by row.
        replaced: dict[str, Any] = {name: sa.func.values(table.c[name]) for name in columns}
        return mysql.insert(table).on_duplicate_key_update(replaced or {key.name: key})
    insert = sqlite.insert(table)
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=[key])
    replaced = {name: insert.excluded[name] for name in columns}
    return insert.on_conflict_do_update(index_elements=[key], set_=replaced)


def next_catalogue_revision(connection: Connection) -> int:
    """Count a change of `items` in the transaction that makes it; the number for its rows.

    The counter's row stays locked until the commit, so that numbers become visible in their order.
    """
    return _count(connection, tables.revisions.c.value + 1)


def next_catalogue_epoch(connection: Connection) -> int:
    """The same for a deletion of items: whoever read them before reads all of them again."""
    revision = tables.revisions.c.value
    return _count(connection, revision - revision % EPOCH + EPOCH)


def catalogue_epoch(revision: int) -> int:
    """Which deletion a revision comes after: rows that were read in another one may be gone."""
    return revision // EPOCH


def _count(connection: Connection, value: sa.ColumnElement[int]) -> int:
    is_catalogues = tables.revisions.c.name == CATALOGUE
    connection.execute(sa.update(tables.revisions).where(is_catalogues).values(value=value))
    return connection.scalar(CATALOGUE_REVISION) or 0


def count(connection: Connection, table: sa.Table) -> int:
    """How many rows `table` has."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def begin_to_write(connection: Connection) -> None:
    """SQLite locks no rows, but has one writer at a time: from its first write to its commit."""
    if connection.dialect.name == "sqlite":
        connection.execute(sa.update(tables.salts).values(salt=tables.salts.c.salt))


def has_rows(connection: Connection, table: sa.Table) -> bool:
    """Whether `table` has any row."""
    return connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)) is not None


def empty(engine: Engine) -> None:
    """Delete every user, merged ids too, item, interaction and load; who was erased stays erased.

    MySQL deletes 10,000 rows a second and would give up on ten million; it truncates at once, but
    each table by itself.
    """
    truncates = engine.dialect.name == "mysql"
    with engine.begin() as connection:
        for table in _EMPTIED:
            connection.execute(
                sa.text(f"TRUNCATE TABLE {table.name}") if truncates else sa.delete(table)
            )
        next_catalogue_epoch(connection)
        count_emptying(connection)
