"""One import in the database: its row in `loads`, and the interactions that it adds."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy.engine import Connection, Engine

from services.generator.importing.movielens import Described, MovieLensItem, MovieLensUser
from services.generator.importing.registry import Registry
from services.generator.importing.rows import ImportedInteraction, row_hash
from services.generator.importing.seen_rows import SeenRows
from services.generator.importing.source import Source
from services.generator.loads import (
    Load,
    abandon_load,
    count_rows,
    finish_load,
    interrupted_loads,
    new_load,
)
from shared.database import tables
from shared.database.event_ids import event_id
from shared.database.storage import Row, insert_missing
from shared.database.tombstones import erased_among


class ImportLoad:
    """Adds what is not there yet, each batch in one transaction together with the count of it."""

    def __init__(self, engine: Engine, source: Source, now: dt.datetime) -> None:
        self._engine = engine
        self._now = now
        self._registry = Registry(now)
        self._seen = SeenRows()
        self.added = 0
        with engine.begin() as connection:
            self._load = _begin(connection, source, now)

    def describe(self, entries: Sequence[Described]) -> None:
        """Register users and items of a catalogue; those that had no description get theirs.

        Users who were erased stay out.
        """
        with self._engine.begin() as connection:
            described = {e.user_id for e in entries if isinstance(e, MovieLensUser)}
            erased = erased_among(connection, described, hold=True)
            kept = [e for e in entries if isinstance(e, MovieLensItem) or e.user_id not in erased]
            self._registry.describe(connection, kept)

    def add(self, interactions: Sequence[ImportedInteraction]) -> set[str]:
        """Add the interactions that are not there yet, and the users and items in them.

        Returns the users who were erased: what is theirs stays out.
        """
        if not interactions:
            return set()
        rows = list(self._rows(interactions))
        with self._engine.begin() as connection:
            erased = erased_among(connection, {row.user_id for row in interactions}, hold=True)
            self._registry.add(connection, [i for i in interactions if i.user_id not in erased])
            kept = [row for row in rows if row["user_id"] not in erased]
            added = len(insert_missing(connection, tables.interactions, kept))
            count_rows(connection, self._load, added)
        self.added += added
        return erased

    def finish(self) -> None:
        """Everything is in."""
        finish_load(self._engine, self._load)

    def abandon(self) -> None:
        """Nothing came in: the load leaves no trace."""
        abandon_load(self._engine, self._load)

    def _rows(self, interactions: Sequence[ImportedInteraction]) -> Iterator[Row]:
        keys = [interaction.key() for interaction in interactions]
        hashes = np.frombuffer(b"".join(map(row_hash, keys)), dtype=np.uint64)
        occurrences = self._seen.occurrences(hashes).tolist()
        for interaction, key, occurrence in zip(interactions, keys, occurrences, strict=True):
            occurred_ms = interaction.occurred_ms
            yield {
                "event_id": event_id(key, occurrence),
                "user_id": interaction.user_id,
                "item_id": interaction.item_id,
                "event_type": interaction.event_type,
                "rating": interaction.rating,
                "occurred_at": None if occurred_ms is None else tables.from_epoch_ms(occurred_ms),
                "created_at": self._now,
                "load_id": self._load.load_id,
            }


def _beginning(path: Path) -> str:
    """A hash of a file's first 4 KiB: another file of the same name is another import."""
    with path.open("rb") as file:
        return hashlib.blake2b(file.read(4096), digest_size=8).hexdigest()


def _begin(connection: Connection, source: Source, now: dt.datetime) -> Load:
    """The interrupted import of the same source, to be taken up again, or a new interaction."""
    settings = {
        "source": source.table.name,
        "beginning": _beginning(source.table.path),
        "columns": source.table.columns.named(),
    }
    for load in interrupted_loads(connection, "import"):
        if (load.settings, load.scale) == (settings, source.scale):
            return load
    return new_load(connection, "import", settings, source.scale, now)
