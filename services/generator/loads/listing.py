"""The loads that there are, as people read them: `make imports`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.generator.loads.record import UNDO
from shared.database.tables import loads

_HEADER = ("load", "kind", "file", "written", "already there", "rejected", "began (UTC)", "state")
_RIGHT = ("load", "written", "already there", "rejected")  # numbers


@dataclass(frozen=True)
class ListedLoad:
    """A row of `loads`; `kind` is what it was before its undo began, where one has."""

    load_id: int
    kind: str
    settings: dict[str, Any]
    rows_added: int
    rows_present: int
    rows_rejected: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    is_being_undone: bool

    @property
    def source(self) -> str:
        """The file's name; of a generation how much was asked for."""
        if self.kind == "generate":
            return "{users} users, {items} items, seed {seed}".format(**self.settings)
        return str(self.settings.get("source", ""))

    @property
    def state(self) -> str:
        if self.is_being_undone:
            return "being undone; run the undo again to finish it"
        if self.finished_at is None:
            return "not finished; run it again, or undo it"
        return "finished"


def list_loads(connection: Connection) -> list[ListedLoad]:
    """All loads, oldest first."""
    rows = connection.execute(sa.select(loads).order_by(loads.c.id))
    return [
        ListedLoad(
            load_id=row.id,
            kind=row.kind.removeprefix(UNDO),
            settings=row.settings,
            rows_added=row.rows_added,
            rows_present=row.rows_present,
            rows_rejected=row.rows_rejected,
            started_at=row.started_at,
            finished_at=row.finished_at,
            is_being_undone=row.kind.startswith(UNDO),
        )
        for row in rows
    ]


def as_table(listed: Sequence[ListedLoad]) -> str:
    """One line for each load under a header, in columns."""
    if not listed:
        return "There are no loads: nothing was generated or imported.\n"
    rows = [dict(zip(_HEADER, _cells(load), strict=True)) for load in listed]
    width = {name: max(len(name), *(len(row[name]) for row in rows)) for name in _HEADER}
    header = {name: name for name in _HEADER}
    return "".join(f"{_line(row, width)}\n" for row in (header, *rows))


def _cells(load: ListedLoad) -> tuple[str, ...]:
    counts = (load.rows_added, load.rows_present, load.rows_rejected)
    return (
        str(load.load_id),
        load.kind,
        load.source,
        *(f"{count:,}" for count in counts),
        f"{load.started_at:%Y-%m-%d %H:%M}",
        load.state,
    )


def _line(row: dict[str, str], width: dict[str, int]) -> str:
    cells = (
        text.rjust(width[name]) if name in _RIGHT else text.ljust(width[name])
        for name, text in row.items()
    )
    return "  ".join(cells).rstrip()
