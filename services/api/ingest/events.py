"""Answers POST /interactions: rows are checked one by one and committed together with others'."""

import datetime as dt
from collections.abc import Collection

from services.api.ingest.event_rows import InteractionRows, ParsedEvents
from services.api.ingest.event_store import Stored, expected_scale, store
from services.api.ingest.group_commit import GroupCommit
from services.api.ingest.rejections import rows_of_erased
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from services.api.live.writer import NOTHING_WRITTEN, DatabaseWriter
from services.api.problems import DatabaseAway
from services.api.schemas.interactions import InteractionsRequest, InteractionsResponse
from shared.database.rating_scale import RatingScale


class Ingestion:
    """Answers `POST /interactions`; `commits` has to run."""

    def __init__(
        self,
        served: ServedVersion,
        database: DatabaseReader,
        writer: DatabaseWriter,
        event_types: Collection[str],
    ) -> None:
        self._event_types = event_types
        self._served = served
        self._database = database
        self.commits = GroupCommit(writer, store)

    async def ingest(self, request: InteractionsRequest) -> InteractionsResponse:
        """Store the good rows and say what became of each; DatabaseAway where that is not known."""
        now = dt.datetime.now(dt.UTC)
        rows = InteractionRows(self._event_types, await self._scale(), now)
        events = rows.read(request.interactions)
        if not events.rows:
            return InteractionsResponse(accepted=0, duplicates=0, rejected=list(events.rejected))
        return _response(events, await self.commits.add(events.rows))

    async def _scale(self) -> RatingScale:
        """The served version's rating scale; where it has none the declared one of the data."""
        scale = self._served.version.manifest.data.rating_scale
        if scale is not None:
            return scale
        expected = await self._database.read(expected_scale)
        if expected is None:
            raise DatabaseAway(NOTHING_WRITTEN)
        return expected


def _response(events: ParsedEvents, stored: Stored) -> InteractionsResponse:
    rejected = list(events.rejected)
    if stored.erased:
        rejected += rows_of_erased(zip(events.indices, events.rows, strict=True), stored.erased)
    return InteractionsResponse(
        accepted=stored.accepted,
        duplicates=stored.duplicates,
        rejected=sorted(rejected, key=lambda row: row.index),
    )
