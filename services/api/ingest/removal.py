"""Taking back one event: a purchase that was cancelled, a row that was sent by mistake."""

import datetime as dt
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.served_version import ServedVersion
from services.api.live.writer import DatabaseWriter
from services.api.problems import UnknownEvent
from services.api.schemas.removals import RemovalResponse, RemovedInteraction
from shared.artifacts.versions import Version
from shared.database.blank_rows import blank_user
from shared.database.removals import count_removal
from shared.database.storage import upsert
from shared.database.tables import interactions, users
from shared.database.timestamps import present


class Removed(NamedTuple):
    """A row that is gone: its number in the order in which rows came, and what it said."""

    row_id: int
    interaction: RemovedInteraction


class Remover:
    """Answers `DELETE /interactions/{event_id}`."""

    def __init__(self, writer: DatabaseWriter, served: ServedVersion) -> None:
        self._writer = writer
        self._served = served

    async def remove(self, event_id: str) -> RemovalResponse:
        """Remove the event; UnknownEvent where there is none, DatabaseAway where it is not known
        to be gone."""
        removed_at = present()
        removed = await self._writer.transact(partial(_remove, event_id=event_id, now=removed_at))
        return RemovalResponse(
            event_id=event_id,
            removed_at=removed_at,
            removed=removed.interaction,
            not_reached=_not_reached(self._served.version, removed),
        )


_COLUMNS = [interactions.c[name] for name in RemovedInteraction.model_fields]


def _remove(connection: Connection, event_id: str, now: dt.datetime) -> Removed:
    count_removal(connection)
    query = sa.select(interactions.c.id, *_COLUMNS).where(interactions.c.event_id == event_id)
    row = connection.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise UnknownEvent.of(event_id)
    connection.execute(sa.delete(interactions).where(interactions.c.id == row["id"]))
    _mark(connection, row["user_id"], now)
    return Removed(row["id"], RemovedInteraction(**{c.name: row[c.name] for c in _COLUMNS}))


def _mark(connection: Connection, user_id: str, now: dt.datetime) -> None:
    """Let lists know that versions may remember of the user what is no more."""
    row: dict[str, Any] = blank_user(user_id, now) | {"removed_at": now}
    upsert(connection, users, [row], ["removed_at"])


def _not_reached(version: Version | None, removed: Removed) -> list[str]:
    """Where something of the event is left, in sentences."""
    sentences = [
        "Backups of the database, and files that were exported or imported before: an event that "
        "is sent or imported again is stored again.",
    ]
    if version is not None and version.manifest.data.last_id >= removed.row_id:
        sentences.append(
            f"Versions that were trained with it, such as {version.name}, which serves now: what "
            "their models learned from it together with everything else stays until the next "
            "training. Lists of the user do not count it any more."
        )
    return sentences
