"""What a file says of items or users goes into the database: what it gives replaces, what it does
not give stays, and rows that say nothing new are not written."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services.generator.importing.catalogue.roles import Subject
from services.generator.importing.catalogue.rows import Description
from services.generator.loads.record import Load, count_rows
from services.generator.loads.replaced import FIELDS, ReplacedItems, Replacement
from shared.database import tables
from shared.database.blank_rows import blank_item, blank_user
from shared.database.merges import THEIR_OWN, Owners, owners_of
from shared.database.storage import Row, next_catalogue_revision, upsert

Said = dict[str, Any]


@dataclass
class Written:
    """What became of descriptions, all of other ids."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    erased: set[str] = field(default_factory=set)
    """Users who were erased, and stay out."""


class CatalogueWriter:
    """Writes descriptions, each batch in one transaction together with the count of it; without a
    load it counts what would be written, and without a database everything is new."""

    def __init__(
        self,
        engine: Engine | None,
        subject: Subject,
        load: Load | None,
        now: dt.datetime,
        replaced: ReplacedItems | None = None,
    ) -> None:
        """`replaced` keeps what is replaced of items, in the form in which it can come back."""
        self._engine = engine
        self._load = load
        self._now = now
        self._replaced = replaced
        self._is_items = subject is Subject.ITEMS
        self._table = tables.items if self._is_items else tables.users
        [self._key] = self._table.primary_key.columns

    def write(self, descriptions: Sequence[Description]) -> Written:
        """Bring them in, or count what that would do."""
        if self._engine is None:
            return Written(new=len(descriptions))
        with self._engine.connect() as connection:
            owners = self._owners(connection, descriptions, hold=False)
            written, pairs = self._compare(connection, descriptions, owners)
        if self._load is None:
            return written
        if not pairs:  # nothing is locked to say the same again
            return written
        with self._engine.begin() as connection:
            return self._write(connection, descriptions, self._load)

    def _write(
        self, connection: Connection, descriptions: Sequence[Description], load: Load
    ) -> Written:
        # First of all: whoever else writes items waits here, and nobody in the other order.
        revision = next_catalogue_revision(connection) if self._is_items else None
        owners = self._owners(connection, descriptions, hold=True)
        written, pairs = self._compare(connection, descriptions, owners, hold=True)
        if self._replaced is not None and pairs:
            self._replaced.keep([_replacement(before, row) for before, row in pairs])
        rows = [row for _before, row in pairs]
        if self._is_items:
            rows = [{**row, "revision": revision} for row in rows]
        if rows:
            columns = [name for name in rows[0] if name != self._key.name]
            upsert(connection, self._table, rows, columns)
        count_rows(connection, load, len(rows))
        return written

    def _owners(
        self, connection: Connection, descriptions: Sequence[Description], *, hold: bool
    ) -> Owners:
        """Whose the rows are that the descriptions are of."""
        if self._is_items:
            return THEIR_OWN
        return owners_of(connection, [d.id for d in descriptions], hold=hold)

    def _compare(
        self,
        connection: Connection,
        descriptions: Sequence[Description],
        owners: Owners,
        *,
        hold: bool = False,
    ) -> tuple[Written, list[tuple[Said | None, Said]]]:
        """The rows that are new or say something else, before and after, in the order of their
        ids. Several ids of one user say something of one row."""
        ids = {owners.of(description.id) for description in descriptions}
        known = self._read(connection, [*ids], hold=hold)
        now, rows = dict(known), dict[str, Said]()
        written = Written(erased=set(owners.erased))
        for description in sorted(descriptions, key=lambda d: (owners.of(d.id), d.id)):
            if description.id in owners.erased:
                continue
            row_id = owners.of(description.id)
            before = now.get(row_id)
            row = self._described(before or self._blank(row_id), description)
            if before is None:
                written.new += 1
            elif _comparable(before) == _comparable(row):
                written.unchanged += 1
                continue
            else:
                written.changed += 1
            now[row_id] = rows[row_id] = row
        return written, [(known.get(row_id), row) for row_id, row in rows.items()]

    def _read(self, connection: Connection, ids: Sequence[str], *, hold: bool) -> dict[str, Said]:
        columns = [self._table.c[name] for name in self._blank("")]
        query = sa.select(*columns).where(self._key.in_(ids)).order_by(self._key)
        if hold:
            query = query.with_for_update()
        return {
            row[self._key.name]: dict(row) for row in connection.execute(query).mappings().all()
        }

    def _blank(self, row_id: str) -> Row:
        blank = blank_item if self._is_items else blank_user
        return blank(row_id, self._now)

    def _described(self, row: Row, description: Description) -> Said:
        attributes = {**row["attributes"], **description.attributes}
        given = {name: value for name, value in attributes.items() if value is not None}
        return {**row, **description.fields, "attributes": given}


def _replacement(before: Said | None, row: Said) -> Replacement:
    return Replacement(row["item_id"], before and _what_it_says(before), _what_it_says(row))


def _what_it_says(row: Said) -> dict[str, Any]:
    return {name: row[name] for name in FIELDS}


def _comparable(row: Mapping[str, Any]) -> str:
    """Equal for rows that say the same; 1, 1.0 and true are three things."""
    return json.dumps(row, sort_keys=True, default=_milliseconds)


def _milliseconds(moment: dt.datetime) -> str:
    """As the database keeps it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
