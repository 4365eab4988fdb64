"""Transactions for requests: committed when the answer says so, refused while the database is away.

What reads uses connections of its own (reader.py), which know no transactions.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import anyio
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.api.live.circuit_breaker import CircuitBreaker
from services.api.problems import DatabaseAway
from shared.database.engine import connect

logger = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]
"""Reads and writes in one transaction; may be run again where that was rolled back."""

CONNECTIONS = 3  # interactions are written by one alone; two for catalogue and erasure

NOTHING_WRITTEN = "The database does not answer: nothing was written. Send the same again."

LOCK_SECONDS = 1  # MySQL would wait 50 s for a row, holding on to the others meanwhile

# MySQL's errors after which a transaction is run again, and the seconds that must be left for it.
RUN_AGAIN: Mapping[object, float] = {
    1205: LOCK_SECONDS,  # waited too long for a row
    1213: 0,  # deadlock: it was rolled back so that another could go on
}


class LostConnection(Exception):
    """A connection that broke before the commit: what was written in it is rolled back."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__(str(error))
        self.error = error


class DatabaseWriter:
    """Runs transactions for requests, in threads and within a time limit."""

    def __init__(self, url: URL, timeout: float, breaker: CircuitBreaker) -> None:
        """`timeout` in seconds, for waiting and writing together; `breaker` is that of the reads:
        probes open and close it."""
        self.timeout = timeout
        self._breaker = breaker
        self._confirmed = -math.inf
        self._turns = anyio.CapacityLimiter(CONNECTIONS)
        self._engine = connect(
            url,
            timeout=timeout,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=timeout,
            pool_reset_on_return=None,  # a transaction ends with us: one round trip less
        )
        if url.get_backend_name() == "mysql":
            sa.event.listen(self._engine, "connect", _wait_shortly)

    def require(self) -> None:
        """DatabaseAway while the database is known not to answer.

        Where commits go through meanwhile the open breaker means no more than a slow probe: on a
        machine with every core busy a read can take half a second.
        """
        lately = time.monotonic() - self._confirmed < self.timeout
        if self._breaker.problem is not None and not lately:
            raise DatabaseAway(NOTHING_WRITTEN)

    async def transact(self, work: Work[T]) -> T:
        """What `work` returns, once it is committed.

        DatabaseAway where that is not known in time: it was rolled back, or in rare cases
        committed without our hearing of it.
        """
        self.require()
        deadline = time.monotonic() + self.timeout
        with anyio.move_on_after(self.timeout):
            # Abandoned when its time is up: looking up a host name knows no time limit.
            return await anyio.to_thread.run_sync(
                self._run, work, deadline, abandon_on_cancel=True, limiter=self._turns
            )
        raise self.not_in_time()

    def not_in_time(self) -> DatabaseAway:
        """What is to be raised where nothing is known of a transaction when its time is up."""
        return DatabaseAway(
            f"The database has not confirmed within {self.timeout:g} s that it is written. Send "
            "the same again: what has an event_id or is named by its own id is kept once."
        )

    def _run(self, work: Work[T], deadline: float) -> T:
        try:
            return self._until_it_holds(work, deadline)
        except TimeoutError as error:
            raise self.not_in_time() from error
        except (OperationalError, InterfaceError, InternalError, PoolTimeout) as error:
            logger.warning("a transaction failed: %s", getattr(error, "orig", error))
            raise DatabaseAway("The database did not take it. Send the same again.") from error

    def _until_it_holds(self, work: Work[T], deadline: float) -> T:
        may_be_stale = True
        while True:
            try:
                return self._transaction(work, deadline)
            except LostConnection as lost:  # to a server that was restarted: all are renewed
                if not may_be_stale or time.monotonic() > deadline:
                    raise lost.error from lost
                may_be_stale = False
            except OperationalError as error:
                left = deadline - time.monotonic()
                if left <= RUN_AGAIN.get(_code(error), left):
                    raise

    def _transaction(self, work: Work[T], deadline: float) -> T:
        with self._engine.connect() as connection:
            result = self._written(work, connection)
            if time.monotonic() > deadline:  # already refused, and perhaps sent again
                raise TimeoutError
            connection.commit()
        self._confirmed = time.monotonic()
        return result

    def _written(self, work: Work[T], connection: Connection) -> T:
        """What `work` returns, not committed yet."""
        try:
            if connection.dialect.name == "sqlite":
                # By itself it would begin with the first write, and refuse what was read before.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            return work(connection)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise LostConnection(error) from error
            raise

    def close(self) -> None:
        self._engine.dispose()


def _code(error: OperationalError) -> object:
    return error.orig.args[0] if error.orig and error.orig.args else None


def _wait_shortly(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_SECONDS}")
