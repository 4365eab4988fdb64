"""Users and items as others describe them: what is given replaces, what is not given stays."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.ingest.rejections import rows_of_erased, validated
from services.api.live.writer import DatabaseWriter
from services.api.problems import UnknownItem
from services.api.schemas.catalogue import (
    DescribedItem,
    DescribedResponse,
    DescribedUser,
    ItemsRequest,
    UsersRequest,
)
from services.api.schemas.items import DeactivatedResponse
from services.api.schemas.rows import RejectedRow
from shared.database import tables
from shared.database.blank_rows import blank_item, blank_user
from shared.database.merges import owners_of
from shared.database.storage import Row, next_catalogue_revision, upsert

DEACTIVATED = (
    "It is in no list from now on, on every replica. Its row, and what users did to it, stay: "
    "models learn from that as before. POST /items with is_active: true brings it back."
)

Given = Mapping[str, Any]
"""The fields that someone gave of one user or item, its id among them."""


class Descriptions:
    """Answers `POST /users` and `POST /items`."""

    def __init__(self, writer: DatabaseWriter) -> None:
        self._writer = writer

    async def write_users(self, request: UsersRequest) -> DescribedResponse:
        rejected: list[RejectedRow] = []
        rows = [
            (index, user.model_dump(exclude_unset=True))
            for index, user in validated(DescribedUser, request.users, rejected)
        ]
        sent = [given for _index, given in rows]
        work = partial(_write_users, sent=sent, now=dt.datetime.now(dt.UTC))
        created, erased = await self._writer.transact(work)
        rejected += rows_of_erased(rows, erased)
        return _response(len(request.users), created, rejected)

    async def write_items(self, request: ItemsRequest) -> DescribedResponse:
        rejected: list[RejectedRow] = []
        rows = [
            item.model_dump(exclude_unset=True)
            for _index, item in validated(DescribedItem, request.items, rejected)
        ]
        work = partial(_write_items, by_id=_merged("item_id", rows), now=dt.datetime.now(dt.UTC))
        return _response(len(request.items), await self._writer.transact(work), rejected)

    async def deactivate_item(self, item_id: str, *, is_known: bool) -> DeactivatedResponse:
        """Take an item out of all lists; UnknownItem for one that has no row and of which nobody
        else knows (`is_known`), the model for one."""
        blank = blank_item(item_id, dt.datetime.now(dt.UTC))
        await self._writer.transact(partial(_deactivate, blank=blank, is_known=is_known))
        return DeactivatedResponse(item_id=item_id, is_active=False, explanation=DEACTIVATED)


def _response(sent: int, created: int, rejected: Sequence[RejectedRow]) -> DescribedResponse:
    return DescribedResponse(
        created=created,
        updated=sent - created - len(rejected),
        rejected=sorted(rejected, key=lambda row: row.index),
    )


def _merged(key: str, rows: Sequence[Given]) -> dict[str, Given]:
    """What is given of each id, in the order of ids, so that two writers lock them in the same
    one; of a field that is given twice the later."""
    by_id: dict[str, Given] = {}
    for given in rows:
        by_id[given[key]] = {**by_id.get(given[key], {}), **given}
    return dict(sorted(by_id.items()))


def _write_users(
    connection: Connection, sent: Sequence[Given], now: dt.datetime
) -> tuple[int, frozenset[str]]:
    """How many users are new, and who was erased and stays out. What is said of an id that was
    merged into a user is said of that user."""
    owners = owners_of(connection, {given["user_id"] for given in sent})
    kept = [
        {**given, "user_id": owners.of(given["user_id"])}
        for given in sent
        if given["user_id"] not in owners.erased
    ]
    rows = [*_merged("user_id", kept).values()]
    created = _write(connection, tables.users, rows, partial(blank_user, created_at=now))
    return created, owners.erased


def _write_items(connection: Connection, by_id: Mapping[str, Given], now: dt.datetime) -> int:
    """How many items are new. All get the next revision, by which readers notice the change."""
    if not by_id:
        return 0
    revision = next_catalogue_revision(connection)
    rows = [{**given, "revision": revision} for given in by_id.values()]
    return _write(connection, tables.items, rows, partial(blank_item, created_at=now))


def _deactivate(connection: Connection, blank: Row, is_known: bool) -> None:
    item_id = tables.items.c.item_id
    row = sa.select(item_id).where(item_id == blank["item_id"])
    if not is_known and connection.scalar(row) is None:
        raise UnknownItem.of(blank["item_id"])
    revision = next_catalogue_revision(connection)
    inactive = {**blank, "is_active": False, "revision": revision}
    upsert(connection, tables.items, [inactive], ["is_active", "revision"])


def _write(
    connection: Connection, table: sa.Table, rows: Sequence[Given], blank: Callable[[str], Row]
) -> int:
    """Write the given fields, and a blank row's others where a row is new; how many are."""
    [key] = table.primary_key.columns.keys()
    by_fields: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for given in rows:
        by_fields[tuple(sorted(given))].append({**blank(given[key]), **given})
    return sum(
        len(upsert(connection, table, same, [name for name in fields if name != key]))
        for fields, same in by_fields.items()
    )
