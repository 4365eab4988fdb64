"""Addresses that guess: after some wrong keys or signatures they get no answer for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable

from services.api.access.addresses import network_of
from services.api.access.rates import Counter, RateLimit, Usage, window_name
from services.api.problems import TooManyRequests

MOST_ADDRESSES = 10_000  # in this process, 2 MB: the oldest goes first


class Lockouts:
    """Counts what is wrong by address, and locks out whoever exceeds `limit`; nobody without one.

    Right keys from there are refused too: an answer would say that a guess was right. Wrong ones
    are counted for all replicas, the addresses that are locked out are known to each replica that
    refused one, so that a right key costs no question to Redis.
    """

    def __init__(
        self,
        limit: RateLimit | None,
        counter: Counter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._counter = counter
        self._clock = clock
        self._locked_out: OrderedDict[str, tuple[Usage, float]] = OrderedDict()

    def refuse(self, address: str) -> None:
        """TooManyRequests for an address that is locked out."""
        if not self._locked_out:
            return
        network = network_of(address)
        if network not in self._locked_out:
            return
        usage, ends_at = self._locked_out[network]
        seconds_left = ends_at - self._clock()
        if seconds_left <= 0:
            del self._locked_out[network]
            return
        left = Usage(usage.limit, usage.count, seconds_left)
        raise TooManyRequests(
            f"More than {left.limit.quota:,} wrong keys or signatures came from this address in a "
            f"minute. It is answered again in {left.reset_seconds} s.",
            left.reset_seconds,
            left.headers(),
        )

    async def count(self, address: str) -> None:
        """One more wrong key or signature; TooManyRequests where that locks the address out."""
        if self._limit is None:
            return
        network = network_of(address)
        usage = Usage(self._limit, *await self._counter.count(window_name(self._limit, network)))
        if not usage.is_exceeded:
            return
        self._locked_out[network] = (usage, self._clock() + usage.seconds_left)
        if len(self._locked_out) > MOST_ADDRESSES:
            self._locked_out.popitem(last=False)
        self.refuse(address)
