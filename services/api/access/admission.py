"""Who is let in: by the key, the page that it may be used in, and how often it was used."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.api.access.addresses import network_of
from services.api.access.callers import Caller
from services.api.access.keys import ApiKey, KeyRing
from services.api.access.kinds import Kind
from services.api.access.lockouts import Lockouts
from services.api.access.rates import Counter, RateLimit, Usage, window_name
from services.api.problems import TooManyRequests, WrongKey, WrongOrigin

HEADER = "X-API-Key"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What of a request says who asks."""

    address: str
    key: bytes | None
    origin: str | None
    signature: str | None


class Admission:
    """Lets callers in by their keys.

    `rates` says of which kinds requests are counted, for each key and address; those of the others
    ask no neighbour anything.
    """

    def __init__(
        self, keys: KeyRing, rates: Mapping[Kind, RateLimit], counter: Counter, lockouts: Lockouts
    ) -> None:
        self._keys = keys
        self._rates = rates
        self._counter = counter
        self._lockouts = lockouts
        self.is_open = not keys
        """No key is set: everyone may ask for everything."""

    async def admit(self, arrival: Arrival) -> Caller:
        """Who asks; WrongKey, WrongOrigin or TooManyRequests for who may not."""
        self._lockouts.refuse(arrival.address)
        if not arrival.key:
            raise WrongKey(f"This needs a key: send it in the header {HEADER}.")
        found = self._keys.find(arrival.key)
        if found is None:
            await self._lockouts.count(arrival.address)
            raise WrongKey(f"The key in the header {HEADER} is none of those that are set.")
        kind, key = found
        if key.origins and arrival.origin not in key.origins:
            raise WrongOrigin.of(arrival.origin)
        rate = self._rates.get(kind)
        usage = None if rate is None else await self._count(rate, key, arrival.address)
        return Caller(kind, arrival.address, arrival.signature, usage)

    async def _count(self, rate: RateLimit, key: ApiKey, address: str) -> Usage:
        """What is left of a key's rate; TooManyRequests for nothing."""
        name = window_name(rate, network_of(address), key.digest)
        usage = Usage(rate, *await self._counter.count(name))
        if usage.is_exceeded:
            raise TooManyRequests(
                f"More than {rate.quota:,} requests came with this key from this address in a "
                f"minute. Ask again in {usage.reset_seconds} s.",
                usage.reset_seconds,
                usage.headers(),
            )
        return usage
