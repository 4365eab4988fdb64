"""Rows of many requests in one commit: what comes while a commit is under way waits for the next.

A commit costs the disk about a millisecond whether it holds one row or a hundred. A request that
comes alone waits for nobody. (Group commit: DeWitt et al., SIGMOD 1984.)
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

import anyio
from sqlalchemy.engine import Connection

from services.api.live.writer import DatabaseWriter
from services.api.problems import DatabaseAway, Problem
from shared.database.storage import Row

logger = logging.getLogger(__name__)

R = TypeVar("R")
Rows = Sequence[Row]
Store = Callable[[Connection, Sequence[Rows]], Sequence[R]]
"""Writes the rows of several requests; the answer to each."""

GROUP_ROWS = 1_000  # 40 ms; a request's own rows stay together, so up to 1,999


@dataclass(frozen=True)
class _Request(Generic[R]):
    rows: Rows
    answer: "asyncio.Future[R]"

    def refuse(self, error: Exception) -> None:
        if not self.answer.done():  # whoever asked may have given up
            self.answer.set_exception(error)


class GroupCommit(Generic[R]):
    """A queue, and `run`, the one task that commits what is in it."""

    def __init__(self, writer: DatabaseWriter, store: Store[R]) -> None:
        self._writer = writer
        self._store = store
        self._queue: deque[_Request[R]] = deque()
        self._arrived = asyncio.Event()

    async def add(self, rows: Rows) -> R:
        """What `store` says of the rows, once they are committed.

        DatabaseAway where that is not known in time, waiting for others included.
        """
        self._writer.require()
        request = _Request[R](rows, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        self._arrived.set()
        with anyio.move_on_after(self._writer.timeout):
            return await request.answer
        raise self._writer.not_in_time()

    async def run(self) -> NoReturn:
        """Commit until cancelled; who waits then is refused."""
        try:
            while True:
                await self._arrived.wait()
                while group := self._next_group():
                    await self._commit(group)
                self._arrived.clear()
        finally:
            _refuse(self._queue)
            self._queue.clear()

    def _next_group(self) -> list[_Request[R]]:
        group: list[_Request[R]] = []
        size = 0
        while self._queue and size < GROUP_ROWS:
            request = self._queue.popleft()
            if not request.answer.done():  # who gave up was told that nothing is known
                group.append(request)
                size += len(request.rows)
        return group

    async def _commit(self, group: Sequence[_Request[R]]) -> None:
        rows = [request.rows for request in group]
        try:
            answers = await self._writer.transact(lambda connection: self._store(connection, rows))
        except Problem as problem:
            for request in group:
                request.refuse(problem)
        except anyio.get_cancelled_exc_class():
            _refuse(group)
            raise
        except Exception as error:
            logger.exception("A commit of %d requests failed", len(group))
            await self._each_alone(group, error)
        else:
            for request, answer in zip(group, answers, strict=True):
                if not request.answer.done():
                    request.answer.set_result(answer)

    async def _each_alone(self, group: Sequence[_Request[R]], error: Exception) -> None:
        """Only a defect comes here: it must not reach further than the request that meets it."""
        if len(group) == 1:
            group[0].refuse(error)
            return
        for request in group:
            await self._commit([request])


def _refuse(group: Iterable[_Request[R]]) -> None:
    for request in group:
        request.refuse(DatabaseAway("The API is shutting down. Send the same again."))
