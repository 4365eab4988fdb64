"""Interactions that others send: checked row by row, committed together with other requests'."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.ingest.event_rows import Batch, InteractionRows, Scale
from services.api.ingest.group_commit import GroupCommit, Rows
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from services.api.live.writer import NOTHING_WRITTEN, DatabaseWriter
from services.api.problems import DatabaseAway
from services.api.schemas.interactions import (
    InteractionsRequest,
    InteractionsResponse,
    RejectedRow,
)
from shared.database import tables
from shared.database.storage import count_present, insert_missing
from shared.database.tombstones import erased_among

USUAL_SCALE = (1.0, 5.0)


@dataclass(frozen=True)
class Stored:
    """What became of a request's rows."""

    accepted: int
    duplicates: int
    erased: frozenset[str]
    """Users who were erased: their rows stay out."""


class Ingestion:
    """Answers `POST /interactions`; `commits` has to run."""

    def __init__(
        self, served: ServedVersion, database: DatabaseReader, writer: DatabaseWriter
    ) -> None:
        self._served = served
        self._database = database
        self.commits = GroupCommit(writer, store)

    async def ingest(self, request: InteractionsRequest) -> InteractionsResponse:
        """Store the good rows and say what became of each; DatabaseAway where that is not known."""
        now = dt.datetime.now(dt.UTC)
        batch = InteractionRows(await self._scale(), now).read(request.interactions)
        if not batch.rows:
            return InteractionsResponse(accepted=0, duplicates=0, rejected=list(batch.rejected))
        return _response(batch, await self.commits.add(batch.rows))

    async def _scale(self) -> Scale:
        """The served version's rating scale; where it has none the declared one of the data."""
        version = self._served.version
        if version is not None and version.manifest.data.rating_scale is not None:
            return version.manifest.data.rating_scale
        declared = await self._database.read(declared_scale)
        if declared is None:
            raise DatabaseAway(NOTHING_WRITTEN)
        return declared


def declared_scale(connection: Connection) -> Scale:
    """The scale that generations and imports declared, 1 to 5 where none did."""
    loads = tables.loads.c
    lowest, highest = connection.execute(
        sa.select(sa.func.min(loads.rating_min), sa.func.max(loads.rating_max))
    ).one()
    return USUAL_SCALE if lowest is None or highest is None else (lowest, highest)


def store(connection: Connection, batches: Sequence[Rows]) -> list[Stored]:
    """Insert the rows that are not there yet, and the users and items in them."""
    rows = list(chain.from_iterable(batches))
    erased = frozenset(erased_among(connection, {row["user_id"] for row in rows}, hold=True))
    kept = [row for row in rows if row["user_id"] not in erased] if erased else rows
    if not kept:
        return [_count(batch, set(), erased) for batch in batches]
    keys = {
        tables.users: {row["user_id"] for row in kept},
        tables.items: {row["item_id"] for row in kept},
        tables.interactions: {row["event_id"] for row in kept},
    }
    present = count_present(connection, keys)
    created_at = kept[0]["created_at"]
    for table, describe in ((tables.users, _user), (tables.items, _item)):
        if present[table] < len(keys[table]):
            # In the order of their ids, so that two writers lock them in the same one.
            named = [describe(key, created_at) for key in sorted(keys[table])]
            insert_missing(connection, table, named, present[table])
    new = insert_missing(connection, tables.interactions, kept, present[tables.interactions])
    return [_count(batch, new, erased) for batch in batches]


def _user(user_id: str, created_at: dt.datetime) -> dict[str, Any]:
    """A user whom nobody has described."""
    return {"user_id": user_id, "attributes": {}, "created_at": created_at}


def _item(item_id: str, created_at: dt.datetime) -> dict[str, Any]:
    """An item that nobody has described."""
    blank = {"title": "", "category": "", "attributes": {}, "is_active": True}
    return {"item_id": item_id, **blank, "created_at": created_at}


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


def _response(batch: Batch, stored: Stored) -> InteractionsResponse:
    rejected = list(batch.rejected)
    if stored.erased:
        rejected += [
            RejectedRow(index=index, reason=was_erased(row["user_id"]))
            for index, row in zip(batch.indices, batch.rows, strict=True)
            if row["user_id"] in stored.erased
        ]
    return InteractionsResponse(
        accepted=stored.accepted,
        duplicates=stored.duplicates,
        rejected=sorted(rejected, key=lambda row: row.index),
    )


def was_erased(user_id: str) -> str:
    """Why nothing of the user goes in."""
    return f"user '{user_id}' was erased, nothing of them is taken in any more"
