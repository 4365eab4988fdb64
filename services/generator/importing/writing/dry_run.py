"""A sink that writes nothing: it asks the database what would be new."""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services.generator.importing.events.rows import Events
from services.generator.importing.movielens import Described, MovieLensItem
from services.generator.importing.writing.sink import (
    Added,
    Named,
    RowIds,
    described_users,
    owned_entries,
    owned_events,
)
from shared.database import tables
from shared.database.merges import owners_of
from shared.database.storage import count_present


class DryRun:
    """Counts what an import would add; without a database everything would be new, and into one
    that is `emptied` first all but what belongs to users who were erased."""

    def __init__(self, engine: Engine | None, *, emptied: bool = False) -> None:
        self._engine = engine
        self._emptied = emptied
        self._ids = RowIds()
        self.users = Named()
        self.items = Named()

    @property
    def repeats(self) -> int:
        """Rows until now that an earlier row of the file says word for word."""
        return self._ids.repeats

    def describe(self, entries: Sequence[Described]) -> None:
        """Count whom and what a catalogue would register."""
        if self._engine is None:
            self._name(None, entries)
            return
        with self._engine.connect() as connection:
            owners = owners_of(connection, described_users(entries), hold=False)
            kept = owned_entries(entries, owners)
            self._name(None if self._emptied else connection, kept)

    def add(self, events: Events) -> Added:
        """How many of the events are not there."""
        ids = self._ids.of(events)
        if self._engine is None:
            return self._count(None, events, ids, frozenset())
        with self._engine.connect() as connection:
            owners = owners_of(connection, set(events.users), hold=False)
            events, kept = owned_events(events, ids, owners)
            there = None if self._emptied else connection
            return self._count(there, events, kept, owners.erased)

    def _count(
        self,
        connection: Connection | None,
        events: Events,
        ids: Sequence[str],
        erased: Collection[str],
    ) -> Added:
        self._see(connection, events.users, events.items)
        return Added(len(ids) - _present(connection, tables.interactions, ids), erased)

    def _name(self, connection: Connection | None, entries: Sequence[Described]) -> None:
        items = [entry.item_id for entry in entries if isinstance(entry, MovieLensItem)]
        self._see(connection, described_users(entries), items)

    def _see(
        self, connection: Connection | None, users: Iterable[str], items: Iterable[str]
    ) -> None:
        for table, named, ids in (
            (tables.users, self.users, users),
            (tables.items, self.items, items),
        ):
            fresh = named.unseen(ids)
            named.new += len(fresh) - _present(connection, table, fresh)


def existing_tables(engine: Engine) -> bool:
    """Whether the database has the tables that are asked."""
    inspector = sa.inspect(engine)
    asked = (tables.users, tables.items, tables.interactions)
    needed = (*asked, tables.merges, tables.tombstones, tables.salts)
    return all(inspector.has_table(table.name) for table in needed)


def _present(connection: Connection | None, table: sa.Table, keys: Sequence[str]) -> int:
    if connection is None or not keys:
        return 0
    return count_present(connection, {table: keys})[table]
