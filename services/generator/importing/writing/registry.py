"""The users and items that an import names, each registered once."""

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.generator.importing.movielens import Described, MovieLensItem, MovieLensUser
from services.generator.importing.writing.sink import Named
from shared.database import tables
from shared.database.blank_rows import blank_item, blank_user
from shared.database.categories import category_names
from shared.database.storage import Row, insert_missing, next_catalogue_revision

_REMEMBERED_IDS = 100_000  # 15 MB; beyond it ids are looked up again, whatever their number


class Registry:
    """Registers users and items, and remembers the latest so that few have to be looked up."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._remembered_users: set[str] = set()
        self._remembered_items: set[str] = set()
        self.users = Named()
        self.items = Named()

    def add(self, connection: Connection, users: Iterable[str], items: Iterable[str]) -> None:
        """Register users and items without saying more of them."""
        new_users = _not_yet(self._remembered_users, users)
        new_items = _not_yet(self._remembered_items, items)
        self.users.unseen(new_users)
        self.items.unseen(new_items)
        rows = [blank_user(user_id, self._now) for user_id in new_users]
        self.users.new += _register(connection, tables.users, rows)
        rows = [blank_item(item_id, self._now) for item_id in new_items]
        self.items.new += _register(connection, tables.items, rows)

    def describe(self, connection: Connection, entries: Sequence[Described]) -> None:
        """Register what a catalogue describes; a user without attributes and an item without a
        title, known from a plain table before, get what the catalogue says."""
        users = [self._user(entry) for entry in entries if isinstance(entry, MovieLensUser)]
        items = [self._item(entry) for entry in entries if isinstance(entry, MovieLensItem)]
        self.users.unseen(user["user_id"] for user in users)
        self.items.unseen(item["item_id"] for item in items)
        self.users.new += _register(connection, tables.users, users)
        self.items.new += _register(connection, tables.items, items)
        _describe_users(connection, users)
        _describe_items(connection, items)

    def _user(self, user: MovieLensUser) -> Row:
        return blank_user(user.user_id, self._now) | {"attributes": user.attributes}

    def _item(self, item: MovieLensItem) -> Row:
        return blank_item(item.item_id, self._now) | {
            "title": item.title[: tables.TITLE_LENGTH],
            "categories": category_names(item.category),
            "attributes": item.attributes,
        }


def _not_yet(remembered: set[str], ids: Iterable[str]) -> list[str]:
    """Those of `ids` that are not remembered, in byte order; they are from now on."""
    new = set(ids) - remembered
    if len(remembered) > _REMEMBERED_IDS:
        remembered.clear()
    remembered |= new
    return sorted(new)


def _register(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> int:
    """How many were new."""
    return len(insert_missing(connection, table, rows)) if rows else 0


def _describe_users(connection: Connection, rows: Sequence[Row]) -> None:
    users = tables.users
    by_id = {row["user_id"]: row for row in rows}
    found = connection.execute(
        sa.select(users.c.user_id, users.c.attributes).where(users.c.user_id.in_(by_id))
    )
    undescribed = [by_id[user_id] for user_id, attributes in found if not attributes]
    _rewrite(connection, users.c.user_id, undescribed, ["attributes"])


def _describe_items(connection: Connection, rows: Sequence[Row]) -> None:
    items = tables.items
    by_id = {row["item_id"]: row for row in rows}
    untitled = sa.select(items.c.item_id).where(items.c.item_id.in_(by_id), items.c.title == "")
    undescribed = [by_id[item_id] for item_id in connection.scalars(untitled)]
    if undescribed:
        revision = next_catalogue_revision(connection)  # by which the API notices
        described = [{**row, "revision": revision} for row in undescribed]
        columns = ["title", "categories", "attributes", "revision"]
        _rewrite(connection, items.c.item_id, described, columns)


def _rewrite(
    connection: Connection, key: sa.Column[str], rows: Sequence[Row], columns: Sequence[str]
) -> None:
    if not rows:
        return
    table = key.table
    values = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
    parameters = [
        {"old_key": row[key.name]} | {f"new_{name}": row[name] for name in columns} for row in rows
    ]
    statement = sa.update(table).where(key == sa.bindparam("old_key")).values(values)
    connection.execute(statement, parameters)
