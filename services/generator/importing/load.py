"""One import in the database: its row in `loads`, and the interactions that it adds."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services.generator.importing.movielens import Described
from services.generator.importing.registry import Registry
from services.generator.importing.rows import Interaction, event_id, row_hash
from services.generator.importing.seen_rows import SeenRows
from services.generator.importing.source import Source
from shared import tables
from shared.storage import Row, insert_missing


class Load:
    """Adds what is not there yet, each batch in one transaction together with the count of it."""

    def __init__(self, engine: Engine, source: Source, now: dt.datetime) -> None:
        self._engine = engine
        self._now = now
        self._registry = Registry(now)
        self._seen = SeenRows()
        self.added = 0
        with engine.begin() as connection:
            self._id, self._started_at = _begin(connection, source, now)

    def describe(self, entries: Sequence[Described]) -> None:
        """Register users and items of a catalogue; those that had no description get theirs."""
        with self._engine.begin() as connection:
            self._registry.describe(connection, entries)

    def add(self, interactions: Sequence[Interaction]) -> None:
        """Add the interactions that are not there yet, and the users and items in them."""
        if not interactions:
            return
        rows = list(self._rows(interactions))
        with self._engine.begin() as connection:
            self._registry.add(connection, interactions)
            added = insert_missing(connection, tables.interactions, rows)
            self._update(connection, rows_added=tables.loads.c.rows_added + added)
        self.added += added

    def finish(self) -> None:
        """Everything is in."""
        with self._engine.begin() as connection:
            self._update(connection, finished_at=dt.datetime.now(dt.UTC))

    def abandon(self) -> None:
        """Nothing came in: the load leaves no trace (its rating scale says nothing)."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(tables.loads).where(tables.loads.c.id == self._id))

    def _rows(self, interactions: Sequence[Interaction]) -> Iterator[Row]:
        keys = [interaction.key() for interaction in interactions]
        hashes = np.frombuffer(b"".join(map(row_hash, keys)), dtype=np.uint64)
        occurrences = self._seen.occurrences(hashes).tolist()
        for one, key, occurrence in zip(interactions, keys, occurrences, strict=True):
            occurred_at = self._started_at  # one moment for all, in a resumed import too
            if one.occurred_ms is not None:
                occurred_at = tables.from_epoch_ms(one.occurred_ms)
            yield {
                "event_id": event_id(key, occurrence),
                "user_id": one.user_id,
                "item_id": one.item_id,
                "event_type": one.event_type,
                "rating": one.rating,
                "occurred_at": occurred_at,
                "created_at": self._now,
            }

    def _update(self, connection: Connection, **values: Any) -> None:
        own = tables.loads.c.id == self._id
        connection.execute(sa.update(tables.loads).where(own).values(values))


def _beginning(path: Path) -> str:
    """A hash of a file's first 4 KiB: another file of the same name is another import."""
    with path.open("rb") as file:
        return hashlib.blake2b(file.read(4096), digest_size=8).hexdigest()


def _begin(connection: Connection, source: Source, now: dt.datetime) -> tuple[int, dt.datetime]:
    """The load's id and start: an interrupted import of the same source is taken up again."""
    loads = tables.loads
    row = {
        "settings": {
            "source": source.table.name,
            "beginning": _beginning(source.table.path),
            "columns": source.table.columns.named(),
        },
        "rating_min": source.scale and source.scale.lowest,
        "rating_max": source.scale and source.scale.highest,
    }
    interrupted = connection.execute(
        sa.select(loads).where(loads.c.kind == "import", loads.c.finished_at.is_(None))
    )
    for load in interrupted.mappings():
        if all(load[name] == value for name, value in row.items()):
            return load["id"], load["started_at"]
    begun = {"kind": "import", "rows_added": 0, "started_at": now} | row
    return connection.execute(sa.insert(loads).values(begun)).lastrowid, now
