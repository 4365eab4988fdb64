"""A user's live history: what the database knows beyond what a version was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.database import LiveDatabase
from shared.tables import EVENT_TYPES, interactions


@dataclass(frozen=True)
class History:
    """The item of each interaction that counts; `counts_every_event`: that is, of all."""

    item_ids: Sequence[str]
    counts_every_event: bool

    @property
    def token(self) -> str:
        """Every new interaction changes it. The newest one's id would be shorter, but SQLite hands
        out the same ids again once its tables were emptied."""
        return f"{len(self.item_ids)}:" + "\0".join(self.item_ids)


class Histories:
    """Reads whole histories. Only the rows above a version's last id would be fewer (.6 ms against
    1.1 for 132 rows on MySQL, .6 against 12 for 2,369), but ids are handed out before rows are
    committed and begin again in a new database, so that a late row would be missed until the next
    training.
    """

    def __init__(self, database: LiveDatabase, event_types: Sequence[str]) -> None:
        """`event_types` are those that count."""
        self._database = database
        self._counts_every_event = set(event_types) == set(EVENT_TYPES)
        query = (
            sa.select(interactions.c.item_id)
            .where(interactions.c.user_id == sa.bindparam("user_id"))
            .order_by(interactions.c.occurred_at, interactions.c.id)
        )
        if not self._counts_every_event:
            query = query.where(interactions.c.event_type.in_(event_types))
        self._query = query

    async def read(self, user_id: str) -> History | None:
        """The user's history of this moment; None where the database is away."""
        return await self._database.ask(lambda connection: self._read(connection, user_id))

    def _read(self, connection: Connection, user_id: str) -> History:
        item_ids = connection.scalars(self._query, {"user_id": user_id}).all()
        return History(item_ids, self._counts_every_event)
