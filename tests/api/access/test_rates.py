"""One suite for both counters, and what each has of its own."""

import secrets
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.api.access.rates import (
    PREFIX,
    WINDOW_SECONDS,
    Counter,
    LocalCounter,
    RateLimit,
    SharedCounter,
    Usage,
    open_counter,
    window_name,
)
from services.api.live.redis_connection import RedisConnection
from tests.api.clock import Clock

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.containers)])
async def counter(request: pytest.FixtureRequest) -> AsyncIterator[Counter]:
    if request.param == "local":
        yield LocalCounter()
        return
    redis = RedisConnection(request.getfixturevalue("redis_url"), timeout=5)
    yield SharedCounter(redis)
    assert redis.problem is None
    await redis.close()


@pytest.fixture
def name() -> str:
    return secrets.token_hex(8)


async def test_it_counts_each_name_in_its_window(counter: Counter, name: str) -> None:
    for expected in (1, 2, 3):
        count, seconds_left = await counter.count(name)
        assert count == expected
        assert WINDOW_SECONDS - 10 < seconds_left <= WINDOW_SECONDS
    assert (await counter.count(f"{name} "))[0] == 1


@pytest.mark.containers
async def test_no_name_stays_in_redis_for_ever(redis_url: str, name: str) -> None:
    connection = RedisConnection(redis_url, timeout=5)
    counter = SharedCounter(connection)
    await counter.count(name)
    async with Redis.from_url(redis_url) as redis:
        await redis.pexpire(PREFIX + name, 20_000)
        assert (await counter.count(name))[1] <= 20  # a later count does not prolong the window
        assert 0 < await redis.pttl(PREFIX + name) <= 20_000
    await connection.close()


async def test_a_window_ends() -> None:
    clock = Clock()
    counter = LocalCounter(clock=clock)
    assert await counter.count("a") == (1, WINDOW_SECONDS)
    clock.now += WINDOW_SECONDS - 1
    assert await counter.count("a") == (2, 1)
    clock.now += 1
    assert await counter.count("a") == (1, WINDOW_SECONDS)


async def test_the_oldest_window_makes_room() -> None:
    clock = Clock()
    counter = LocalCounter(capacity=2, clock=clock)
    for name in ("a", "b", "b", "c"):
        clock.now += 1
        await counter.count(name)
    assert (await counter.count("b"))[0] == 3
    assert (await counter.count("a"))[0] == 1


async def test_a_connection_chooses() -> None:
    redis = RedisConnection("redis://127.0.0.1:1/0", 1)
    assert isinstance(open_counter(None), LocalCounter)
    assert isinstance(open_counter(redis), SharedCounter)
    await redis.close()


def test_headers_are_those_of_the_draft() -> None:
    limit = RateLimit("read", 100)
    assert Usage(limit, 30, 41.2).headers() == {
        "RateLimit-Policy": '"read";q=100;w=60',
        "RateLimit": '"read";r=70;t=42',
    }
    assert Usage(limit, 101, 0.0).headers()["RateLimit"] == '"read";r=0;t=1'


def test_a_window_has_no_address_in_its_name() -> None:
    limit = RateLimit("read", 1)
    names = {
        window_name(limit, "203.0.113.7", b"key"),
        window_name(limit, "203.0.113.7", b"another"),
        window_name(limit, "203.0.113.8", b"key"),
        window_name(RateLimit("write", 1), "203.0.113.7", b"key"),
    }
    assert len(names) == 4
    assert not any("203" in name for name in names)
