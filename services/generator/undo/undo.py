"""Taking out again what one load brought, whenever it is interrupted from where it was."""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.generating.blocks import Stream, random_stream
from services.generator.generating.population import draw_population
from services.generator.generating.size import Size
from services.generator.generating.writing import item_rows, user_rows
from services.generator.loads.listing import ListedLoad, list_loads
from services.generator.loads.record import UNDO, LoadError
from services.generator.undo.interactions import count_interactions, delete_interactions
from services.generator.undo.registrations import (
    Registrations,
    Untouched,
    delete_registrations,
    find_unneeded,
)
from shared.artifacts.truth import remove_truth
from shared.database import tables
from shared.progress import progress

logger = logging.getLogger(__name__)

_OF_INTERACTIONS = ("generate", "import")


@dataclass(frozen=True)
class Extent:
    """How much an undo takes out, or has taken out."""

    interactions: int
    users: int
    items: int

    def __str__(self) -> str:
        return f"{self.interactions:,} interactions, {self.users:,} users and {self.items:,} items"


class Undo:
    """The undo of one load."""

    def __init__(self, engine: Engine, load_id: int) -> None:
        """LoadError where there is no such load, or it is one that cannot be undone."""
        self._engine = engine
        with engine.connect() as connection:
            self._others = {load.load_id: load for load in list_loads(connection)}
        self.load = _require(load_id, self._others)
        del self._others[load_id]
        self._untouched = _untouched(self.load)

    def extent(self) -> Extent:
        """What it would take out; nothing is changed."""
        found = self._unneeded()
        interactions = count_interactions(self._engine, self.load.load_id)
        return Extent(interactions, len(found.users), len(found.items))

    def carry_out(self, artifact_dir: Path) -> Extent:
        """Take it out, each step in transactions of some thousand rows."""
        self._begin()
        with progress("undoing", self.load.rows_added, "rows") as advance:
            interactions = delete_interactions(self._engine, self.load.load_id, advance)
        deleted = delete_registrations(
            self._engine, self.load.load_id, self._unneeded(), self._untouched
        )
        if self.load.kind == "generate":
            remove_truth(artifact_dir)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(tables.loads).where(self._is_load))
        return Extent(interactions, *deleted)

    def loads_to_repeat(self) -> list[ListedLoad]:
        """The imports after it that found rows there already, which may have been its rows."""
        return [
            load
            for load in self._others.values()
            if load.load_id > self.load.load_id
            and load.kind == "import"
            and load.rows_present
            and not load.is_being_undone
        ]

    def _begin(self) -> None:
        """From here on the load takes no more rows, whoever is still adding to it."""
        with self._engine.begin() as connection:
            kind = f"{UNDO}{self.load.kind}"
            connection.execute(sa.update(tables.loads).where(self._is_load).values(kind=kind))

    def _unneeded(self) -> Registrations:
        return find_unneeded(self._engine, self.load.load_id, self._untouched)

    @property
    def _is_load(self) -> sa.ColumnElement[bool]:
        return tables.loads.c.id == self.load.load_id


def _require(load_id: int, loads: Mapping[int, ListedLoad]) -> ListedLoad:
    load = loads.get(load_id)
    if load is None:
        numbers = ", ".join(str(number) for number in loads) or "none"
        raise LoadError(f"There is no load {load_id}; there are: {numbers} (make imports).")
    if load.kind not in _OF_INTERACTIONS:
        raise LoadError(
            f"Load {load_id} ({load.source}) described {load.kind}, and what its rows said before "
            "was not kept: it cannot be undone. Import a file that says it as it should be."
        )
    return load


def _untouched(load: ListedLoad) -> Untouched:
    return _as_generated(load.settings) if load.kind == "generate" else _blank_since(load)


def _blank_since(load: ListedLoad) -> Untouched:
    """Rows that nobody has described, from the time in which the load ran."""
    finished_at = load.finished_at or dt.datetime.now(dt.UTC)

    def untouched(row: sa.Row[Any]) -> bool:
        if not load.started_at <= row.created_at <= finished_at or row.attributes:
            return False
        return "item_id" not in row._fields or (
            not row.title and not row.categories and row.is_active
        )

    return untouched


def _as_generated(settings: Mapping[str, int]) -> Untouched:
    """Rows that say what the same generation makes again."""
    size = Size(settings["users"], settings["items"], settings["interactions"])
    population = draw_population(size, random_stream(settings["seed"], Stream.POPULATION))
    now = dt.datetime.now(dt.UTC)
    users = {row["user_id"]: row for row in user_rows(population, now)}
    items = {row["item_id"]: row for row in item_rows(population, now)}

    def untouched(row: sa.Row[Any]) -> bool:
        is_item = "item_id" in row._fields
        generated = items.get(row.item_id) if is_item else users.get(row.user_id)
        fields = ("title", "categories", "attributes", "is_active") if is_item else ("attributes",)
        return generated is not None and all(
            getattr(row, name) == generated[name] for name in fields
        )

    return untouched
