"""The undo of an import of events, and of a generation."""

import datetime as dt
from collections.abc import Mapping

from services.generator.generating.blocks import Stream, random_stream
from services.generator.generating.population import draw_population
from services.generator.generating.size import Size
from services.generator.generating.writing import item_rows, user_rows
from services.generator.loads.listing import ListedLoad
from services.generator.undo.interactions import count_interactions, delete_interactions
from services.generator.undo.items import is_blank
from services.generator.undo.registrations import (
    Row,
    Untouched,
    delete_items,
    delete_users,
    unneeded_items,
    unneeded_users,
)
from services.generator.undo.undo import Extent, Undo
from shared.artifacts.truth import remove_truth
from shared.progress import progress


class UndoEvents(Undo):
    """Interactions go, and the users and items that nothing needs without them."""

    def extent(self) -> Extent:
        load_id, untouched = self.load.load_id, self._untouched()
        return Extent(
            interactions=count_interactions(self._engine, load_id),
            users=len(unneeded_users(self._engine, load_id, untouched)),
            items=len(unneeded_items(self._engine, load_id, untouched).ids),
        )

    def _take_out(self) -> Extent:
        load_id, untouched = self.load.load_id, self._untouched()
        with progress("undoing", self.load.rows_added, "rows") as advance:
            interactions = delete_interactions(self._engine, load_id, advance)
        users = unneeded_users(self._engine, load_id, untouched)
        items = unneeded_items(self._engine, load_id, untouched)
        return Extent(
            interactions=interactions,
            users=delete_users(self._engine, load_id, users, untouched),
            items=delete_items(self._engine, items, untouched),
        )

    def _untouched(self) -> Untouched:
        return _blank_since(self.load)


class UndoGeneration(UndoEvents):
    """The same, and the truth; users and items go that say what was generated."""

    def carry_out(self) -> Extent:
        extent = super().carry_out()
        remove_truth(self._artifact_dir)
        return extent

    def _untouched(self) -> Untouched:
        return _as_generated(self.load.settings)


def _blank_since(load: ListedLoad) -> Untouched:
    """Rows that nobody has described, from the time in which the load ran."""
    finished_at = load.finished_at or dt.datetime.now(dt.UTC)

    def untouched(row: Row) -> bool:
        if not load.started_at <= row["created_at"] <= finished_at:
            return False
        return is_blank(row) if "item_id" in row else not row["attributes"]

    return untouched


def _as_generated(settings: Mapping[str, int]) -> Untouched:
    """Rows that say what the same generation makes again."""
    size = Size(settings["users"], settings["items"], settings["interactions"])
    population = draw_population(size, random_stream(settings["seed"], Stream.POPULATION))
    now = dt.datetime.now(dt.UTC)
    users = {row["user_id"]: row for row in user_rows(population, now)}
    items = {row["item_id"]: row for row in item_rows(population, now)}

    def untouched(row: Row) -> bool:
        is_item = "item_id" in row
        generated = items.get(row["item_id"]) if is_item else users.get(row["user_id"])
        fields = ("title", "categories", "attributes", "is_active") if is_item else ("attributes",)
        return generated is not None and all(row[name] == generated[name] for name in fields)

    return untouched
