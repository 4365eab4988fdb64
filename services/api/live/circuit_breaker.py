"""Neighbours that may be away: asked within a time limit, and not at all while they do not answer.

A circuit breaker (Nygard, Release It!, 2007) whose half-open state is a probe in the background, so
that no request pays for finding out whether a neighbour is back.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Gate:
    """Stands before one neighbour; `problem` says why it is closed, None while it is open."""

    def __init__(self, name: str, failures: tuple[type[Exception], ...], timeout: float) -> None:
        self.name = name
        self.problem: str | None = None
        self._failures: tuple[type[Exception], ...] = (TimeoutError, *failures)
        self._timeout = timeout

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """The neighbour's answer; None where it is away, or fails or takes too long just now."""
        if self.problem is not None:
            return None
        try:
            return await self._in_time(question)
        except self._failures as error:
            self._close(error)
            return None

    async def probe(self, question: Callable[[], Awaitable[object]]) -> None:
        """Ask though the gate may be closed: the one way in which it opens again."""
        try:
            await self._in_time(question)
        except self._failures as error:
            self._close(error)
        else:
            self._open()

    async def _in_time(self, question: Callable[[], Awaitable[T]]) -> T:
        with anyio.fail_after(self._timeout):
            return await question()

    def _close(self, error: Exception) -> None:
        reason = str(getattr(error, "orig", error)) or f"no answer within {self._timeout:g} s"
        if self.problem is None:
            logger.warning("%s is away, requests go on without it: %s", self.name, reason)
        self.problem = reason

    def _open(self) -> None:
        if self.problem is not None:
            logger.info("%s answers again", self.name)
        self.problem = None
