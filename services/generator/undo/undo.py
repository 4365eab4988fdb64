"""Taking out again what one load brought, whenever it is interrupted from where it was."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.loads.listing import ListedLoad, list_loads
from services.generator.loads.record import UNDO
from shared.database import tables


@dataclass(frozen=True)
class Extent:
    """How much an undo takes out, or has taken out; `restored` items say again what they said."""

    interactions: int = 0
    users: int = 0
    items: int = 0
    restored: int = 0

    def __str__(self) -> str:
        counts = {"interactions": self.interactions, "users": self.users, "items": self.items}
        parts = [f"{count:,} {name} go" for name, count in counts.items() if count]
        if self.restored:
            parts.append(f"{self.restored:,} items say again what they said before")
        return ", ".join(parts) or "nothing changes"


class Undo(ABC):
    """The undo of one load."""

    def __init__(self, engine: Engine, artifact_dir: Path, load: ListedLoad) -> None:
        self._engine = engine
        self._artifact_dir = artifact_dir
        self.load = load

    @abstractmethod
    def extent(self) -> Extent:
        """What it would take out; nothing is changed."""

    def carry_out(self) -> Extent:
        """Take it out, each step in transactions of some thousand rows."""
        is_load = tables.loads.c.id == self.load.load_id
        with self._engine.begin() as connection:
            # From here on the load takes no more rows, whoever is still adding to it.
            kind = f"{UNDO}{self.load.kind}"
            connection.execute(sa.update(tables.loads).where(is_load).values(kind=kind))
        extent = self._take_out()
        with self._engine.begin() as connection:
            connection.execute(sa.delete(tables.loads).where(is_load))
        return extent

    @abstractmethod
    def _take_out(self) -> Extent:
        """What is in the database."""

    def loads_to_repeat(self) -> list[ListedLoad]:
        """The imports of its kind after it that found rows there already, maybe its own: those go
        with it."""
        with self._engine.connect() as connection:
            others = list_loads(connection)
        return [
            load
            for load in others
            if load.load_id > self.load.load_id
            and load.kind == self.load.kind
            and load.rows_present
            and not load.is_being_undone
        ]
