"""The database as requests may use it: bounded in time, and left alone while it is away."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.api.live.circuit_breaker import CircuitBreaker
from shared.database import tables
from shared.database.engine import DatabaseError, connect, open_database

logger = logging.getLogger(__name__)

T = TypeVar("T")
Read = Callable[[Connection], T]

CONNECTIONS = 4  # a read takes 1 ms, but connecting 35 ms of CPU: eight at once took 350 ms

MIGRATION_SECONDS = 5  # to wait for another writer: the API starts in any case


class DatabaseReader:
    """Reads for requests; `breaker.problem` says why there are none at the moment."""

    def __init__(self, url: URL, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._turns = anyio.CapacityLimiter(CONNECTIONS)
        self._engine = connect(
            url,
            timeout=timeout,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=timeout,
            # Single reads need no transaction, and ending one would be a second round trip.
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_reset_on_return=None,
        )
        self.breaker = CircuitBreaker(
            url.get_backend_name(), failures=(DBAPIError, PoolTimeout), timeout=timeout
        )

    async def open(self) -> None:
        """Migrate SQLite's file, which no job before us may have; MySQL has its own job."""
        if self._url.get_backend_name() == "sqlite":
            await anyio.to_thread.run_sync(self._migrate)
        await self.probe()

    def _migrate(self) -> None:
        try:
            open_database(self._url, timeout=MIGRATION_SECONDS).dispose()
        except (DatabaseError, DBAPIError) as error:
            logger.error("The database cannot be migrated: %s", error)

    async def read(self, query: Read[T]) -> T | None:
        """What `query` reads, in a worker thread; None where the database is away."""
        async with self._turns:  # waiting for a turn is no sign that the database is slow
            return await self.breaker.call(lambda: self._in_thread(query))

    async def probe(self) -> None:
        """Find out whether the database answers and has tables."""
        await self.breaker.probe(lambda: self._in_thread(_first_interaction))

    async def _in_thread(self, query: Read[T]) -> T:
        # Abandoned when its time is up: looking up a host name knows no time limit.
        return await anyio.to_thread.run_sync(self._run, query, abandon_on_cancel=True)

    def _run(self, query: Read[T]) -> T:
        begin = time.monotonic()
        try:
            return self._with_connection(query)
        except DBAPIError as error:
            # A connection that was kept while the server was away: one that is made now stands, and
            # a server that is back shall not look away to each of those that ask.
            is_soon = time.monotonic() - begin < self._timeout / 2
            if not (error.connection_invalidated and is_soon):
                raise
            return self._with_connection(query)

    def _with_connection(self, query: Read[T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)

    def close(self) -> None:
        self._engine.dispose()


def _first_interaction(connection: Connection) -> int | None:
    return connection.scalar(sa.select(tables.interactions.c.id).limit(1))
