"""One suite for both caches, and what each has of its own."""

import secrets
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from services.api.live.cache_keys import recommendation_id, recommendation_key
from services.api.live.list_cache import SCANNED_KEYS, ListCache, LocalCache, RedisCache, open_cache
from services.api.live.redis_connection import RedisConnection
from tests.api.clock import Clock
from tests.api.wire import closed_port

pytestmark = pytest.mark.anyio

TTL_SECONDS = 60


def redis_cache(url: str) -> RedisCache:
    return RedisCache(RedisConnection(url, timeout=5), TTL_SECONDS)


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.containers)])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[ListCache]:
    made: ListCache
    if request.param == "local":
        made = LocalCache(TTL_SECONDS)
    else:
        made = redis_cache(request.getfixturevalue("redis_url"))
    yield made
    assert made.problem is None
    await made.close()


@pytest.fixture
def key() -> str:
    """A key that no other test uses, with letters of every kind."""
    return f"list:{secrets.token_hex(8)}:张伟 🍷"


async def test_what_was_put_is_got(cache: ListCache, key: str) -> None:
    await cache.put(key, b"\x00 {}")
    assert await cache.get(key) == b"\x00 {}"
    assert await cache.get(key) == b"\x00 {}"


async def test_what_was_not_put_is_missing(cache: ListCache, key: str) -> None:
    await cache.put(key, b"one")
    assert await cache.get(f"{key} ") is None


async def test_the_last_value_stays(cache: ListCache, key: str) -> None:
    await cache.put(key, b"one")
    await cache.put(key, b"two")
    assert await cache.get(key) == b"two"


async def test_all_lists_of_a_user_are_forgotten_and_no_others(cache: ListCache) -> None:
    user, other_user = f"u{secrets.token_hex(8)}", f"u{secrets.token_hex(8)}"
    own_keys = [key_of(user, "20250301T123015Z-abcdef", token) for token in range(30)]
    own_keys.append(key_of(user, "20250301T123015Z-000000", 0))
    other_keys = [key_of(other_user, "20250301T123015Z-abcdef", token) for token in range(30)]
    for key in own_keys + other_keys:
        await cache.put(key, b"{}")
    assert await cache.forget_user(user) == len(own_keys)
    assert [await cache.get(key) for key in own_keys] == [None] * len(own_keys)
    assert [await cache.get(key) for key in other_keys] == [b"{}"] * len(other_keys)
    assert await cache.forget_user(user) == 0


def key_of(user_id: str, version: str, token: int) -> str:
    return recommendation_key(recommendation_id(version, user_id, str(token)))


@pytest.mark.containers
async def test_more_lists_than_are_scanned_at_once_are_forgotten(redis_url: str) -> None:
    user = f"u{secrets.token_hex(8)}"
    keys = [key_of(user, "20250301T123015Z-abcdef", n) for n in range(2 * SCANNED_KEYS + 1)]
    cache = redis_cache(redis_url)
    async with Redis.from_url(redis_url) as redis:
        await redis.mset(dict.fromkeys(keys, b"{}"))
        assert await cache.forget_user(user) == len(keys)
        assert await redis.exists(*keys) == 0
    await cache.close()


async def test_a_cache_that_is_away_cannot_say_what_it_forgot() -> None:
    with closed_port() as port:
        cache = redis_cache(f"redis://127.0.0.1:{port}/0")
        assert await cache.forget_user("u1") is None
        await cache.close()


async def test_a_probe_finds_it_there(cache: ListCache) -> None:
    await cache.probe()
    assert cache.problem is None


async def test_local_entries_expire(key: str) -> None:
    clock = Clock()
    cache = LocalCache(TTL_SECONDS, clock=clock)
    await cache.put(key, b"one")
    for _asked_in_time in range(3):
        clock.now += TTL_SECONDS - 1
        assert await cache.get(key) == b"one"
    clock.now += TTL_SECONDS
    assert await cache.get(key) is None


@pytest.mark.containers
async def test_redis_entries_expire(redis_url: str, key: str) -> None:
    cache = redis_cache(redis_url)
    await cache.put(key, b"one")
    async with Redis.from_url(redis_url) as redis:
        assert 0 < await redis.pttl(key) <= TTL_SECONDS * 1000
        await redis.pexpire(key, 1000)
        assert await cache.get(key) == b"one"
        assert await redis.pttl(key) > 1000
    await cache.close()


async def test_the_least_recently_used_entry_makes_room() -> None:
    cache = LocalCache(TTL_SECONDS, capacity=30)
    for key in ("a", "b", "c"):
        await cache.put(key, b"123456789")
    await cache.get("a")
    await cache.put("d", b"123456789")
    assert [await cache.get(key) is not None for key in "abcd"] == [True, False, True, True]


async def test_what_does_not_fit_is_not_kept() -> None:
    cache = LocalCache(TTL_SECONDS, capacity=10)
    await cache.put("a", b"1")
    await cache.put("b", b"0123456789")
    assert await cache.get("b") is None


async def test_a_url_chooses() -> None:
    assert isinstance(open_cache(None, TTL_SECONDS), LocalCache)
    redis = RedisConnection("redis://127.0.0.1:1/0", 1)
    assert isinstance(open_cache(redis, TTL_SECONDS), RedisCache)
    await redis.close()
