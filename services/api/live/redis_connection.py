"""Redis behind a circuit breaker: one for all that is kept there."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.api.live.circuit_breaker import CircuitBreaker

T = TypeVar("T")


class RedisConnection:
    """Every failure is a None: what is in Redis costs less to do without than to wait for."""

    def __init__(self, url: str, timeout: float) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),  # by default it tries three times more
        )
        # OSError: looking up Redis's name.
        self._breaker = CircuitBreaker("redis", failures=(RedisError, OSError), timeout=timeout)

    @property
    def problem(self) -> str | None:
        """Why Redis is not asked at the moment; None while it is."""
        return self._breaker.problem

    async def call(self, question: Callable[[Redis], Awaitable[T]]) -> T | None:
        """Redis's answer; None where it is away, or fails or takes too long just now."""
        return await self._breaker.call(lambda: question(self._redis))

    async def probe(self) -> None:
        """Find out whether Redis answers."""
        await self._breaker.probe(lambda: self._redis.ping())

    async def close(self) -> None:
        await self._redis.aclose()
