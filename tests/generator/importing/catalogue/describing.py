"""Files of items and users, taken in as the command does."""

import datetime as dt
import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.importing.catalogue.ingestion import describe, rehearse
from services.generator.importing.catalogue.options import CatalogueOptions
from services.generator.importing.catalogue.plan import CataloguePlan, make_plan
from services.generator.importing.catalogue.preview import preview, summary
from services.generator.importing.catalogue.roles import Subject
from services.generator.importing.catalogue.tally import CatalogueTally
from services.generator.importing.reading.files import open_table
from shared.database import tables

NOW = dt.datetime(2025, 6, 1, 12, 0, 0, 123_000, tzinfo=dt.UTC)


def write(path: Path, lines: Iterable[str]) -> Path:
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def plan_of(path: Path, subject: Subject, **options: Any) -> CataloguePlan:
    chosen = CatalogueOptions(**options)
    asked = [column for columns in chosen.asked().values() for column in columns]
    return make_plan(open_table(path, asked, chosen.encoding), subject, chosen)


def take_in(
    engine: Engine,
    path: Path,
    subject: Subject = Subject.ITEMS,
    now: dt.datetime = NOW,
    allow_rejects: bool = True,
    **options: Any,
) -> CatalogueTally:
    """Rehearsed before: a dry run and the import that follows it have to agree."""
    plan = plan_of(path, subject, **options)
    table = open_table(path, [c for cs in plan.options.asked().values() for c in cs])
    rehearsed, _rejects = rehearse(table, plan, engine, now)
    tally = describe(table, plan, engine, path.parent, now, allow_rejects=allow_rejects)
    assert list(summary(table, plan, rehearsed)) == list(summary(table, plan, tally))
    return tally


def previewed(path: Path, subject: Subject = Subject.ITEMS, **options: Any) -> list[str]:
    plan = plan_of(path, subject, **options)
    table = open_table(path, [c for cs in plan.options.asked().values() for c in cs])
    return list(preview(table, plan))


def items_of(engine: Engine) -> dict[str, Any]:
    """Each item's row by its id."""
    return _rows(engine, tables.items)


def users_of(engine: Engine) -> dict[str, Any]:
    """Each user's attributes by the id."""
    return {user_id: row.attributes for user_id, row in _rows(engine, tables.users).items()}


def attributes_of(engine: Engine) -> dict[str, Any]:
    """Each item's attributes by its id."""
    return {item_id: row.attributes for item_id, row in items_of(engine).items()}


def _rows(engine: Engine, table: sa.Table) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row[0]: row for row in connection.execute(sa.select(table)).all()}
