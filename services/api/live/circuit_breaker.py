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


class CircuitBreaker:
    """Stands before one neighbour; `problem` says why it is open, None while calls go through."""

    def __init__(self, name: str, failures: tuple[type[Exception], ...], timeout: float) -> None:
        self.name = name
        self.problem: str | None = None
        self._failures: tuple[type[Exception], ...] = (TimeoutError, *failures)
        self._timeout = timeout

    async def call(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """The neighbour's answer; None where it is away, or fails or takes too long just now."""
        if self.problem is not None:
            return None
        try:
            return await self._in_time(question)
        except self._failures as error:
            self._trip(error)
            return None

    async def probe(self, question: Callable[[], Awaitable[object]]) -> None:
        """Call though the breaker may be open: the one way in which it closes again."""
        try:
            await self._in_time(question)
        except self._failures as error:
            self._trip(error)
        else:
            self._reset()

    async def _in_time(self, question: Callable[[], Awaitable[T]]) -> T:
        with anyio.fail_after(self._timeout):
            return await question()

    def _trip(self, error: Exception) -> None:
        reason = str(getattr(error, "orig", error)) or f"no answer within {self._timeout:g} s"
        if self.problem is None:
            logger.warning("%s is away, requests go on without it: %s", self.name, reason)
        self.problem = reason

    def _reset(self) -> None:
        if self.problem is not None:
            logger.info("%s answers again", self.name)
        self.problem = None
