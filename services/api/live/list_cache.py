"""Where computed lists are kept: Redis for all replicas, or this process where there is none."""

import fnmatch
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Protocol

from redis.asyncio import Redis

from services.api.live.cache_keys import keys_of_user
from services.api.live.redis_connection import RedisConnection

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

    def __init__(self, redis: RedisConnection, ttl_seconds: float) -> None:
        self.ttl_seconds = ttl_seconds
        self._ttl_ms = round(ttl_seconds * 1000)
        self._redis = redis

    @property
    def problem(self) -> str | None:
        return self._redis.problem

    async def get(self, key: str) -> bytes | None:
        value = await self._redis.call(lambda redis: redis.getex(key, px=self._ttl_ms))
        assert value is None or isinstance(value, bytes)  # text only with decode_responses
        return value

    async def put(self, key: str, value: bytes) -> None:
        await self._redis.call(lambda redis: redis.set(key, value, px=self._ttl_ms))

    async def forget_user(self, user_id: str) -> int | None:
        pattern, cursor, removed = keys_of_user(user_id), 0, 0
        while True:  # each step within the time limit, however many keys there are
            step = await self._redis.call(partial(_forget_some, pattern=pattern, cursor=cursor))
            if step is None:
                return None
            cursor, count = step
            removed += count
            if cursor == 0:
                return removed

    async def probe(self) -> None:
        await self._redis.probe()

    async def close(self) -> None:
        await self._redis.close()


async def _forget_some(redis: Redis, pattern: str, cursor: int) -> tuple[int, int]:
    """Go on from `cursor`; the next one, 0 at the end, and how many lists were removed."""
    cursor, keys = await redis.scan(cursor, match=pattern, count=SCANNED_KEYS)
    return cursor, await redis.unlink(*keys) if keys else 0


def open_cache(redis: RedisConnection | None, ttl_seconds: float) -> ListCache:
    """The cache in Redis, or in this process without one; not connected yet."""
    return LocalCache(ttl_seconds) if redis is None else RedisCache(redis, ttl_seconds)
