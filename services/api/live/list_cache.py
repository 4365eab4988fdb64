"""Where computed lists are kept: Redis for all replicas, or this process where there is none."""

import fnmatch
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.api.live.cache_keys import keys_of_user
from services.api.live.circuit_breaker import CircuitBreaker

SCANNED_KEYS = 1_000  # at once: Redis answers nobody else for .3 ms
LOCAL_BYTES = 16 * 2**20  # about 8,000 lists of ten


class ListCache(Protocol):
    """Keeps bytes under a key until nobody has asked for them for a limited time; may forget them
    at any moment."""

    ttl_seconds: float
    """How long a list is kept after it was last asked for."""

    @property
    def problem(self) -> str | None:
        """Why nothing is kept at the moment; None while it works."""
        ...

    async def get(self, key: str) -> bytes | None:
        """What is kept, for the same time once more: somebody may go on from it."""
        ...

    async def put(self, key: str, value: bytes) -> None: ...

    async def forget_user(self, user_id: str) -> int | None:
        """Remove every list of a user; how many there were, None where the cache is away."""
        ...

    async def probe(self) -> None:
        """Find out whether the cache answers."""
        ...

    async def close(self) -> None: ...


class LocalCache:
    """In this process: the least recently used entries go first, no more than `capacity` bytes."""

    problem: str | None = None

    def __init__(
        self,
        ttl_seconds: float,
        capacity: int = LOCAL_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ttl_seconds = ttl_seconds
        self._capacity = capacity
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0

    async def get(self, key: str) -> bytes | None:
        expires_at, value = self._entries.get(key, (0.0, b""))
        if expires_at <= self._clock():
            self._remove(key)
            return None
        self._entries[key] = (self._clock() + self.ttl_seconds, value)
        self._entries.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes) -> None:
        self._remove(key)
        self._entries[key] = (self._clock() + self.ttl_seconds, value)
        self._size += _cost(key, value)
        while self._size > self._capacity:
            self._remove(next(iter(self._entries)))

    async def forget_user(self, user_id: str) -> int:
        keys = fnmatch.filter(self._entries, keys_of_user(user_id))
        for key in keys:
            self._remove(key)
        return len(keys)

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= _cost(key, entry[1])

    async def probe(self) -> None:
        """It is always there."""

    async def close(self) -> None:
        self._entries.clear()


def _cost(key: str, value: bytes) -> int:
    return len(key) + len(value)


class RedisCache:
    """In Redis. Every failure is a miss: a list costs less to compute than to wait for."""

    def __init__(self, url: str, ttl_seconds: float, timeout: float) -> None:
        self.ttl_seconds = ttl_seconds
        self._ttl_ms = round(ttl_seconds * 1000)
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
        return self._breaker.problem

    async def get(self, key: str) -> bytes | None:
        return await self._breaker.call(lambda: self._get(key))

    async def _get(self, key: str) -> bytes | None:
        value = await self._redis.getex(key, px=self._ttl_ms)
        assert value is None or isinstance(value, bytes)  # text only with decode_responses
        return value

    async def put(self, key: str, value: bytes) -> None:
        await self._breaker.call(lambda: self._redis.set(key, value, px=self._ttl_ms))

    async def forget_user(self, user_id: str) -> int | None:
        pattern, cursor, removed = keys_of_user(user_id), 0, 0
        while True:  # each step within the time limit, however many keys there are
            step = await self._breaker.call(partial(self._forget_some, pattern, cursor))
            if step is None:
                return None
            cursor, count = step
            removed += count
            if cursor == 0:
                return removed

    async def _forget_some(self, pattern: str, cursor: int) -> tuple[int, int]:
        """Go on from `cursor`; the next one, 0 at the end, and how many lists were removed."""
        cursor, keys = await self._redis.scan(cursor, match=pattern, count=SCANNED_KEYS)
        return cursor, await self._redis.unlink(*keys) if keys else 0

    async def probe(self) -> None:
        await self._breaker.probe(lambda: self._redis.ping())

    async def close(self) -> None:
        await self._redis.aclose()


def open_cache(redis_url: str | None, ttl_seconds: float, redis_timeout: float) -> ListCache:
    """The cache in Redis, or in this process without a URL; not connected yet."""
    if redis_url is None:
        return LocalCache(ttl_seconds)
    return RedisCache(redis_url, ttl_seconds, redis_timeout)
