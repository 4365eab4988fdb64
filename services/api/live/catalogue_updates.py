"""Keeps the catalogue as the database has it, on every replica.

Whoever writes items counts a revision. A request reads the number together with its user; where it
is another than the catalogue's, the rows in between are read before the request goes on.
"""

from collections.abc import Sequence
from functools import partial

import anyio
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.catalogue import Catalogue, CatalogueChange, ItemRow
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from services.api.live.untrained import is_trained
from services.api.problems import NotReady
from shared.artifacts.versions import Version
from shared.database import tables
from shared.database.storage import CATALOGUE_REVISION

PAGE_ROWS = 5_000  # 25 ms, far below the time limit of a read

BEFORE_FIRST_REVISION = -1  # before every revision
LAST_ID = "\U0010ffff" * tables.ID_LENGTH  # after every id

NOTHING_KNOWN = (
    "No model is trained yet and the database does not answer, so that no item is known to make a "
    "list of. Lists are answered as soon as it does."
)


class LiveCatalogue:
    """The catalogue of the served version, replaced whole; a request takes it once and keeps it."""

    def __init__(
        self, served: ServedVersion, database: DatabaseReader, event_weights: dict[str, float]
    ) -> None:
        self._event_weights = event_weights
        self._served = served
        self._database = database
        self._changing = anyio.Lock()
        self._catalogue: Catalogue | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to make lists of: a trained version, or the database's items as
        they were read at least once."""
        is_read = self._catalogue is not None and self._catalogue.revision is not None
        return is_trained(self._served.version) or is_read

    def require_known(self) -> None:
        """NotReady, with the reason, where it is not."""
        if not self.is_known:
            raise NotReady(NOTHING_KNOWN)

    async def poll(self) -> None:
        """Look for a new version; take it over, and what has changed since."""
        await self._served.poll()
        await self._updated(self._served.version, None)

    async def _updated(self, version: Version, revision: int | None) -> Catalogue:
        """The version's catalogue, made and read by one of all that wait for it."""
        async with self._changing:
            catalogue = self._catalogue
            if catalogue is None or catalogue.version is not version:
                catalogue = await anyio.to_thread.run_sync(self._of, version)
            if revision is None or catalogue.revision != revision:
                catalogue = await self._refreshed(catalogue)
            self._catalogue = catalogue
            return catalogue

    def _of(self, version: Version) -> Catalogue:
        return Catalogue.of(version, self._event_weights)

    async def latest(self) -> Catalogue:
        """The catalogue as the database has it at this moment; otherwise as `at_revision`."""
        return await self.at_revision(await self._database.read(read_revision))

    async def at_revision(self, revision: int | None) -> Catalogue:
        """The served version's catalogue at `revision` or later; as last known where that is None
        or the database does not answer. NotReady where nothing is known."""
        version, catalogue = self._served.version, self._catalogue
        is_newest = revision is None or (catalogue is not None and catalogue.revision == revision)
        if catalogue is None or catalogue.version is not version or not is_newest:
            catalogue = await self._updated(version, revision)
        self.require_known()
        return catalogue

    async def _refreshed(self, catalogue: Catalogue) -> Catalogue:
        change = await self._changes(catalogue.revision)
        if change is not None and change.began_anew(catalogue.revision):
            catalogue = await anyio.to_thread.run_sync(self._of, catalogue.version)
            change = await self._changes(None)
        if change is None or change.revision == catalogue.revision:
            return catalogue
        return await anyio.to_thread.run_sync(catalogue.after, change)

    async def _changes(self, since: int | None) -> CatalogueChange | None:
        """What was written after the revision `since`; None where the database is away."""
        # Read before the rows: what comes in between is read twice rather than never.
        revision = await self._database.read(read_revision)
        if revision is None or revision == since:
            return None
        rows: list[ItemRow] = []
        place = (BEFORE_FIRST_REVISION if since is None else since, LAST_ID)
        while True:
            page = await self._database.read(partial(_read, place=place))
            if page is None:
                return None
            rows += [row for _revision, row in page]
            if len(page) < PAGE_ROWS:
                return CatalogueChange(revision, rows)
            place = (page[-1][0], page[-1][1].item_id)


def read_revision(connection: Connection) -> int:
    """How often the items have been written."""
    return connection.scalar(CATALOGUE_REVISION) or 0


def _read(connection: Connection, place: tuple[int, str]) -> Sequence[tuple[int, ItemRow]]:
    """A page of the rows after a place, in the order of (revision, item_id)."""
    items = tables.items.c
    revision, item_id = place
    query = (
        sa.select(
            items.revision,
            items.item_id,
            items.title,
            items.categories,
            items.attributes,
            items.is_active,
            tables.epoch_ms(items.created_at),
        )
        .where(
            sa.or_(
                items.revision > revision,
                sa.and_(items.revision == revision, items.item_id > item_id),
            )
        )
        .order_by(items.revision, items.item_id)
        .limit(PAGE_ROWS)
    )
    return [
        (revision, ItemRow(item_id, title, tuple(names), *rest))
        for revision, item_id, title, names, *rest in connection.execute(query)
    ]
