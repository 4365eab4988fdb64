import pytest

from services.api.access.lockouts import MOST_ADDRESSES, Lockouts
from services.api.access.rates import WINDOW_SECONDS, LocalCounter, RateLimit
from services.api.problems import TooManyRequests
from tests.api.clock import Clock

pytestmark = pytest.mark.anyio


async def test_a_lockout_ends_with_its_window() -> None:
    clock = Clock()
    lockouts = Lockouts(RateLimit("wrong-keys", 1), LocalCounter(clock=clock), clock)
    await lockouts.count("203.0.113.7")
    clock.now += WINDOW_SECONDS - 10
    with pytest.raises(TooManyRequests) as caught:
        await lockouts.count("203.0.113.7")
    assert caught.value.headers()["Retry-After"] == "10"
    lockouts.refuse("203.0.113.8")
    clock.now += 9
    with pytest.raises(TooManyRequests, match="again in 1 s"):
        lockouts.refuse("203.0.113.7")
    clock.now += 1
    lockouts.refuse("203.0.113.7")
    await lockouts.count("203.0.113.7")


async def test_nobody_is_locked_out_without_a_limit() -> None:
    lockouts = Lockouts(None, LocalCounter())
    for _guess in range(100):
        await lockouts.count("203.0.113.7")
    lockouts.refuse("203.0.113.7")


async def test_only_so_many_addresses_are_remembered() -> None:
    lockouts = Lockouts(RateLimit("wrong-keys", 1), LocalCounter())
    addresses = [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(MOST_ADDRESSES + 1)]
    for address in addresses:
        await lockouts.count(address)
        with pytest.raises(TooManyRequests):
            await lockouts.count(address)
    lockouts.refuse(addresses[0])
    with pytest.raises(TooManyRequests):
        lockouts.refuse(addresses[1])
