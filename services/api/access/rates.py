"""How many requests there were in a window of time: counted in Redis for all replicas, and in this
process where there is none or it is away."""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from redis.asyncio import Redis

from services.api.live.redis_connection import RedisConnection

WINDOW_SECONDS = 60
MOST_WINDOWS = 10_000  # in this process, 2 MB: the oldest goes first
PREFIX = "sommelier:rate:"


@dataclass(frozen=True)
class RateLimit:
    """So many requests in a window, under a name that clients see."""

    name: str
    quota: int


@dataclass(frozen=True)
class Usage:
    """What is left of a limit, and for how long."""

    limit: RateLimit
    count: int
    seconds_left: float

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.limit.quota

    @property
    def reset_seconds(self) -> int:
        return max(1, math.ceil(self.seconds_left))

    def headers(self) -> dict[str, str]:
        """RateLimit-Policy and RateLimit, as draft-ietf-httpapi-ratelimit-headers-10 has them."""
        name, left = self.limit.name, max(0, self.limit.quota - self.count)
        return {
            "RateLimit-Policy": f'"{name}";q={self.limit.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{name}";r={left};t={self.reset_seconds}',
        }


def window_name(limit: RateLimit, network: str, key: bytes = b"") -> str:
    """What is counted under: no address and no digest of a key stands in Redis."""
    parts = key + b"\0" + network.encode("utf-8", "surrogatepass")
    return f"{limit.name}:{hashlib.blake2b(parts, digest_size=16).hexdigest()}"


class Counter(Protocol):
    """Counts names; a window begins with the first count and forgets its name at its end."""

    async def count(self, name: str) -> tuple[int, float]:
        """How often `name` was counted in its window, this time included, and seconds to its
        end."""
        ...


class LocalCounter:
    """In this process, no more than `capacity` windows."""

    def __init__(
        self, capacity: int = MOST_WINDOWS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._clock = clock
        # All windows are equally long: the first to begin is the first to end.
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def count(self, name: str) -> tuple[int, float]:
        now = self._clock()
        counted, ends_at = self._windows.get(name, (0, 0.0))
        if ends_at <= now:
            self._windows.pop(name, None)
            counted, ends_at = 0, now + WINDOW_SECONDS
        self._windows[name] = (counted + 1, ends_at)
        while len(self._windows) > self._capacity:
            self._windows.popitem(last=False)
        return counted + 1, ends_at - now


class SharedCounter:
    """In Redis; while it is away each replica counts for itself."""

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis
        self._local = LocalCounter()

    async def count(self, name: str) -> tuple[int, float]:
        async def ask(redis: Redis) -> tuple[int, float]:
            key = PREFIX + name
            async with redis.pipeline(transaction=True) as pipe:
                # The end is set with the first count, in one step: no name stays for ever.
                pipe.set(key, 0, ex=WINDOW_SECONDS, nx=True)
                pipe.incr(key)
                pipe.pttl(key)
                _, counted, milliseconds = await pipe.execute()
            return int(counted), milliseconds / 1000

        found = await self._redis.call(ask)
        return await self._local.count(name) if found is None else found


def open_counter(redis: RedisConnection | None) -> Counter:
    """The counter in Redis, or in this process without one."""
    return LocalCounter() if redis is None else SharedCounter(redis)
