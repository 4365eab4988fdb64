"""The record of each load in the database: what was asked for, and what came."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from shared.database.rating_scale import RatingScale
from shared.database.tables import loads
from shared.errors import SommelierError

Kind = Literal["generate", "import", "items", "users"]

UNDO = "undo "
"""What stands before the kind of a load that is being taken out again."""


class LoadError(SommelierError):
    """A load that cannot begin, go on or be undone here."""


@dataclass(frozen=True)
class Load:
    """A load that has begun, in this run or in one that was interrupted.

    `scale` is the rating scale that it declares, where it does; `rows_before` how many interactions
    the interrupted run had added.
    """

    load_id: int
    kind: Kind
    settings: dict[str, Any]
    scale: RatingScale | None
    rows_before: int
    started_at: dt.datetime


def interrupted_loads(connection: Connection, kind: Kind) -> list[Load]:
    """The loads of a kind that have not finished, oldest first."""
    query = (
        sa.select(loads)
        .where(loads.c.kind == kind, loads.c.finished_at.is_(None))
        .order_by(loads.c.id)
    )
    return [
        Load(
            load_id=row.id,
            kind=kind,
            settings=row.settings,
            scale=None if row.rating_min is None else RatingScale(row.rating_min, row.rating_max),
            rows_before=row.rows_added,
            started_at=row.started_at,
        )
        for row in connection.execute(query)
    ]


def new_load(
    connection: Connection,
    kind: Kind,
    settings: dict[str, Any],
    scale: RatingScale | None,
    now: dt.datetime,
) -> Load:
    """Note that a load begins."""
    lowest, highest = scale or (None, None)
    row = {
        "kind": kind,
        "settings": settings,
        "rating_min": lowest,
        "rating_max": highest,
        "rows_added": 0,
        "started_at": now,
    }
    result = connection.execute(sa.insert(loads).values(row))
    assert result.inserted_primary_key is not None  # it is None for many rows only
    return Load(int(result.inserted_primary_key[0]), kind, settings, scale, 0, now)


def count_rows(connection: Connection, load: Load, added: int) -> None:
    """Add to the rows that the load has brought, in the transaction that writes them."""
    _update(connection, load, rows_added=loads.c.rows_added + added)


def finish_load(engine: Engine, load: Load, present: int = 0, rejected: int = 0) -> None:
    """Note that everything is there; `present` rows were there before, `rejected` stay out."""
    counts = {"rows_present": present, "rows_rejected": rejected}
    with engine.begin() as connection:
        _update(connection, load, finished_at=dt.datetime.now(dt.UTC), **counts)


def abandon_load(engine: Engine, load: Load) -> None:
    """Forget a load that brought nothing: its rating scale would say something of other data."""
    with engine.begin() as connection:
        connection.execute(sa.delete(loads).where(_is(load)))


def _update(connection: Connection, load: Load, **values: Any) -> None:
    """LoadError where the load is being undone, or has been: its rows would be nobody's."""
    if not connection.execute(sa.update(loads).where(_is(load)).values(values)).rowcount:
        raise LoadError(
            f"Load {load.load_id} was undone while it was running: it adds nothing more. To have "
            "the rows after all, run the same command again once the undo has finished."
        )


def _is(load: Load) -> sa.ColumnElement[bool]:
    return sa.and_(loads.c.id == load.load_id, loads.c.kind == load.kind)
