"""One import in the database: its row in `loads`, and the interactions that it adds."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from services.generator.importing.events.rows import Events
from services.generator.importing.movielens import Described
from services.generator.importing.source import Source
from services.generator.importing.writing.registry import Registry
from services.generator.importing.writing.sink import (
    Added,
    Named,
    RowIds,
    described_users,
    owned_entries,
    owned_events,
)
from services.generator.loads.record import (
    Load,
    abandon_load,
    count_rows,
    finish_load,
    interrupted_loads,
    new_load,
)
from shared.database.bulk import insert_interactions
from shared.database.merges import owners_of


class ImportLoad:
    """Adds what is not there yet, each batch in one transaction together with the count of it."""

    def __init__(self, engine: Engine, source: Source, now: dt.datetime) -> None:
        self._engine = engine
        self._now = now
        self._registry = Registry(now)
        self._ids = RowIds()
        with engine.begin() as connection:
            self._load = _begin(connection, source, now)

    @property
    def users(self) -> Named:
        """Users until now."""
        return self._registry.users

    @property
    def items(self) -> Named:
        """Items until now."""
        return self._registry.items

    @property
    def repeats(self) -> int:
        """Rows until now that an earlier row of the file says word for word."""
        return self._ids.repeats

    def describe(self, entries: Sequence[Described]) -> None:
        """Register users and items of a catalogue; those that had no description get theirs.

        Users who were erased stay out.
        """
        with self._engine.begin() as connection:
            owners = owners_of(connection, described_users(entries))
            self._registry.describe(connection, owned_entries(entries, owners))

    def add(self, events: Events) -> Added:
        """Add the events that are not there yet, and the users and items in them; those of an id
        that was merged into a user as the user's.

        What belongs to users who were erased stays out.
        """
        ids: Sequence[str] = self._ids.of(events)  # of what the file says, whose ever it is
        with self._engine.begin() as connection:
            owners = owners_of(connection, set(events.users))
            events, ids = owned_events(events, ids, owners)
            self._registry.add(connection, events.users, events.items)
            added = insert_interactions(
                connection,
                (ids, *events.columns()),
                created_at=self._now,
                load_id=self._load.load_id,
            )
            count_rows(connection, self._load, added)
        return Added(added, owners.erased)

    def finish(self, present: int, rejected: int) -> None:
        """Everything is in; `present` rows were there before this run, and `rejected` stay out."""
        finish_load(self._engine, self._load, present - self._load.rows_before, rejected)

    def abandon(self) -> None:
        """Nothing came in: the load leaves no trace."""
        abandon_load(self._engine, self._load)


def beginning(path: Path) -> str:
    """A hash of a file's first 4 KiB: another file of the same name is another import."""
    with path.open("rb") as file:
        return hashlib.blake2b(file.read(4096), digest_size=8).hexdigest()


def _begin(connection: Connection, source: Source, now: dt.datetime) -> Load:
    """The interrupted import of the same source, to be taken up again, or a new one."""
    settings = {
        "source": source.table.name,
        "beginning": beginning(source.table.path),
        "columns": source.plan.recognition.named(),
        **source.plan.options.to_remember(),
    }
    scale = source.plan.options.scale
    for load in interrupted_loads(connection, "import"):
        if (load.settings, load.scale) == (settings, scale):
            return load
    return new_load(connection, "import", settings, scale, now)
