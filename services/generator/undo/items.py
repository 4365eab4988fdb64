"""What a load of items said is taken back: each title, list of categories, attribute, … that still
is as the load wrote it becomes what it was before. What somebody has said since stays."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services.generator.loads.replaced import FIELDS, ReplacedItems, Replacement
from shared.database.blank_rows import blank_item
from shared.database.storage import next_catalogue_revision, upsert
from shared.database.tables import items

Said = Mapping[str, Any]


def would_be_restored(engine: Engine, kept: ReplacedItems) -> dict[str, dict[str, Any]]:
    """The rows of items that would say something else, by their ids; nothing is changed."""
    with engine.connect() as connection:
        batches = (_restored(connection, batch, hold=False) for batch in kept.read())
        return {row["item_id"]: row for batch in batches for row in batch}


def restore(engine: Engine, kept: ReplacedItems) -> int:
    """Take it back, a transaction for each of the load's; how many items say something else now."""
    restored = 0
    for batch in kept.read():
        with engine.begin() as connection:
            revision = next_catalogue_revision(connection)  # first: who writes items waits here
            rows = [
                {**row, "revision": revision} for row in _restored(connection, batch, hold=True)
            ]
            if rows:
                upsert(connection, items, rows, [*FIELDS, "revision"])
        restored += len(rows)
    return restored


def brought_by(kept: ReplacedItems) -> set[str]:
    """The items that were not there before the load."""
    return {item.item_id for batch in kept.read() for item in batch if item.before is None}


def is_blank(row: Said) -> bool:
    """Whether nothing is said of an item."""
    return bool(row["is_active"]) and not (row["title"] or row["categories"] or row["attributes"])


def _restored(
    connection: Connection, batch: Sequence[Replacement], *, hold: bool
) -> list[dict[str, Any]]:
    """The rows that have to say something else, in the order of their ids."""
    by_id = {replacement.item_id: replacement for replacement in batch}
    columns = [items.c[name] for name in FIELDS]
    query = sa.select(items.c.item_id, *columns).where(items.c.item_id.in_(by_id))
    query = query.order_by(items.c.item_id)
    rows = []
    found = connection.execute(query.with_for_update() if hold else query).all()
    for row in (row._asdict() for row in found):
        before = _before(row, by_id[row["item_id"]])
        if not _equal(before, {name: row[name] for name in FIELDS}):
            rows.append({"item_id": row["item_id"], **before})
    return rows


def _before(row: Said, replacement: Replacement) -> dict[str, Any]:
    """What the row says without the load."""
    after = replacement.after
    before = replacement.before or blank_item(replacement.item_id, after["created_at"])
    taken_back = {name: _one(row[name], before[name], after[name]) for name in FIELDS}
    names = dict.fromkeys([*row["attributes"], *before["attributes"]])
    attributes = {
        name: _one(*(said["attributes"].get(name) for said in (row, before, after)))
        for name in names
    }
    known = {name: value for name, value in attributes.items() if value is not None}
    return taken_back | {"attributes": known}


def _one(now: Any, before: Any, after: Any) -> Any:
    return before if _equal(now, after) else now


def _equal(one: Any, other: Any) -> bool:
    """1, 1.0 and true are three things."""
    return _text(one) == _text(other)


def _text(said: Any) -> str:
    return json.dumps(
        said, sort_keys=True, default=lambda time: time.isoformat("T", "milliseconds")
    )
