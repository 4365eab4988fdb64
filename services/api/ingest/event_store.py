"""Interactions in the database: inserted once each, with the users and items that are new."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.engine import Connection

from services.api.ingest.group_commit import Rows
from shared.database import tables
from shared.database.blank_rows import blank_item, blank_user
from shared.database.merges import Owners, owners_of
from shared.database.rating_scale import USUAL_SCALE, RatingScale, declared_scale
from shared.database.storage import count_present, insert_missing


@dataclass(frozen=True)
class Stored:
    """What became of a request's rows."""

    accepted: int
    duplicates: int
    erased: frozenset[str]
    """Users who were erased, by the ids that their rows came with: these stay out."""


def expected_scale(connection: Connection) -> RatingScale:
    """The scale that generations and imports declared, 1 to 5 where none did."""
    return declared_scale(connection) or USUAL_SCALE


def store(connection: Connection, batches: Sequence[Rows]) -> list[Stored]:
    """Insert the rows that are not there yet, and the users and items in them."""
    rows = list(chain.from_iterable(batches))
    owners = owners_of(connection, {row["user_id"] for row in rows})
    kept = _owned(rows, owners)
    if not kept:
        return [_count(batch, set(), owners.erased) for batch in batches]
    keys = {
        tables.users: {row["user_id"] for row in kept},
        tables.items: {row["item_id"] for row in kept},
        tables.interactions: {row["event_id"] for row in kept},
    }
    present = count_present(connection, keys)
    created_at = kept[0]["created_at"]
    for table, blank in ((tables.users, blank_user), (tables.items, blank_item)):
        if present[table] < len(keys[table]):
            # In the order of their ids, so that two writers lock them in the same one.
            named = [blank(key, created_at) for key in sorted(keys[table])]
            insert_missing(connection, table, named, present[table])
    new = insert_missing(connection, tables.interactions, kept, present[tables.interactions])
    return [_count(batch, new, owners.erased) for batch in batches]


def _owned(rows: Rows, owners: Owners) -> Rows:
    """The rows under the ids of those whose they are, without those of users who were erased."""
    if not owners.aliases and not owners.erased:
        return rows
    kept = (row for row in rows if row["user_id"] not in owners.erased)
    return [{**row, "user_id": owners.of(row["user_id"])} for row in kept]


def _count(batch: Rows, new: set[str], erased: frozenset[str]) -> Stored:
    """Takes from `new` what is counted as accepted: the next row of the same id is a duplicate."""
    accepted = duplicates = 0
    for row in batch:
        if row["user_id"] in erased:
            continue
        if row["event_id"] in new:
            new.remove(row["event_id"])
            accepted += 1
        else:
            duplicates += 1
    return Stored(accepted, duplicates, erased)
