"""The record of a generation in the database: what was asked for, and whether it finished."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services.generator.size import Size
from shared import storage
from shared.errors import SommelierError
from shared.tables import interactions, loads
from shared.truth import Response

_KIND = "generate"


class LoadError(SommelierError):
    """A generation that cannot begin here."""


@dataclass(frozen=True)
class Load:
    """A generation that has begun, in this run or in one that was interrupted."""

    load_id: int
    rows_before: int
    """How many interactions the interrupted run had written."""


def begin_load(engine: Engine, size: Size, seed: int, response: Response) -> Load | None:
    """The generation to carry out: the interrupted one of the same size and seed, or a new one.

    None where the database holds interactions already; LoadError where a generation of another
    size or seed was interrupted.
    """
    settings = {**asdict(size), "seed": seed}
    with engine.begin() as connection:
        interrupted = connection.execute(
            sa.select(loads).where(loads.c.kind == _KIND, loads.c.finished_at.is_(None))
        ).first()
        if interrupted is not None:
            _require_same(interrupted.settings, settings)
            return Load(interrupted.id, interrupted.rows_added)
        if storage.count(connection, interactions):
            return None
        return _new_load(connection, settings, response)


def _require_same(interrupted: dict[str, Any], wanted: dict[str, Any]) -> None:
    if interrupted != wanted:
        raise LoadError(
            f"A generation with {_options(interrupted)} was interrupted: run it again with these "
            f"to complete it, or use --reset to empty the database and generate with "
            f"{_options(wanted)}."
        )


def _options(settings: dict[str, Any]) -> str:
    names = ("users", "items", "interactions", "seed")
    return " ".join(f"--{name} {settings[name]}" for name in names)


def _new_load(connection: Connection, settings: dict[str, Any], response: Response) -> Load:
    row = {
        "kind": _KIND,
        "settings": settings,
        "rating_min": response.minimum,
        "rating_max": response.maximum,
        "rows_added": 0,
        "started_at": dt.datetime.now(dt.UTC),
    }
    result = connection.execute(sa.insert(loads).values(row))
    assert result.inserted_primary_key is not None  # it is None for many rows only
    return Load(load_id=int(result.inserted_primary_key[0]), rows_before=0)


def count_rows(connection: Connection, load: Load, added: int) -> None:
    """Add to the rows that the generation has written, in the transaction that writes them."""
    _update(connection, load, rows_added=loads.c.rows_added + added)


def finish_load(engine: Engine, load: Load) -> None:
    """Note that everything is there."""
    with engine.begin() as connection:
        _update(connection, load, finished_at=dt.datetime.now(dt.UTC))


def _update(connection: Connection, load: Load, **values: Any) -> None:
    connection.execute(sa.update(loads).where(loads.c.id == load.load_id).values(values))
