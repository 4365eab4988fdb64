"""The undo of an import of items."""

from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from services.generator.loads.listing import ListedLoad
from services.generator.loads.record import LoadError
from services.generator.loads.replaced import ReplacedItems
from services.generator.undo.items import brought_by, is_blank, restore, would_be_restored
from services.generator.undo.registrations import Row, delete_items, unneeded_items
from services.generator.undo.undo import Extent, Undo


class UndoItems(Undo):
    """Items say again what they said before; those that the load alone brought go."""

    def __init__(self, engine: Engine, artifact_dir: Path, load: ListedLoad) -> None:
        """LoadError where what the load replaced is not known any more."""
        super().__init__(engine, artifact_dir, load)
        self._replaced = ReplacedItems(artifact_dir, load.load_id, load.started_at)
        if load.rows_added and not self._replaced.exist:
            raise LoadError(
                f"What load {load.load_id} ({load.source}) replaced is not in "
                f"{self._replaced.folder} any more: it cannot be undone. Import a file that says "
                "it as it should be."
            )

    def extent(self) -> Extent:
        brought, restored = brought_by(self._replaced), self._would_be_restored()

        def untouched(row: Row) -> bool:
            item_id = row["item_id"]
            return item_id in brought and is_blank(restored.get(item_id, row))

        gone = unneeded_items(self._engine, self.load.load_id, untouched).ids
        return Extent(items=len(gone), restored=len(restored.keys() - set(gone)))

    def carry_out(self) -> Extent:
        extent = super().carry_out()
        self._replaced.forget()
        return extent

    def _take_out(self) -> Extent:
        restored = restore(self._engine, self._replaced)
        brought = brought_by(self._replaced)

        def untouched(row: Row) -> bool:
            return row["item_id"] in brought and is_blank(row)

        found = unneeded_items(self._engine, self.load.load_id, untouched)
        deleted = delete_items(self._engine, found, untouched)
        return Extent(items=deleted, restored=max(restored - deleted, 0))

    def _would_be_restored(self) -> dict[str, dict[str, Any]]:
        return would_be_restored(self._engine, self._replaced)
