"""One hash for a set of interactions, whatever their order and in bounded memory.

The generator writes it beside the truth that it planted, the trainer beside the model that it
trained: equal hashes say that both speak of the same rows.
"""

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from shared.arrays.types import Float64
from shared.database.event_types import EVENT_TYPES

_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


def id_hashes(ids: Iterable[str]) -> NDArray[np.uint64]:
    """A 64-bit hash of each id, uint64[n]."""
    digests = b"".join(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for text in ids
    )
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def event_type_hashes(codes: Mapping[str, int]) -> NDArray[np.uint64]:
    """A number for each code, uint64[codes]: of the built-in types the code itself, of others a
    hash of the name, as their codes follow from what others there are."""
    hashes = id_hashes(codes)
    hashes[: len(EVENT_TYPES)] = np.arange(len(EVENT_TYPES), dtype=np.uint64)
    return hashes


class ContentHash:
    """Adds up a 128-bit hash of each row, so that the order of rows and blocks does not matter.

    It tells apart data that differ by accident; it is no defence against someone who wants two
    data sets to have one hash.
    """

    def __init__(self) -> None:
        self._sums = [0, 0]
        self.rows = 0

    def update(
        self,
        user_hashes: NDArray[np.uint64],
        item_hashes: NDArray[np.uint64],
        event_hashes: NDArray[np.uint64],
        ratings: Float64,
        occurred_at: NDArray[np.int64],
        values: Float64 | None = None,
    ) -> None:
        """Add rows, all arrays [n]: `id_hashes` of each row's ids, `event_type_hashes` of its type,
        rating (nan: none), epoch milliseconds (or NO_TIME) and value (nan: none)."""
        columns = [
            user_hashes,
            item_hashes,
            event_hashes,
            _bits(ratings),
            occurred_at.astype(np.int64).view(np.uint64),
        ]
        for lane, multiplier in enumerate(_MULTIPLIERS):
            state = np.full(len(ratings), multiplier, dtype=np.uint64)
            for column in columns:
                state = _mix(state * multiplier + column)
            if values is not None:  # rows without one hash as they did before there were values
                valued = _mix(state * multiplier + _bits(values))
                state = np.where(np.isnan(values), state, valued)
            self._sums[lane] = (self._sums[lane] + int(state.sum(dtype=np.uint64))) % 2**64
        self.rows += len(ratings)

    def hexdigest(self) -> str:
        """The hash of all rows so far, 32 hex digits."""
        return "".join(f"{part:016x}" for part in self._sums)


def _bits(numbers: Float64) -> NDArray[np.uint64]:
    """Equal bits for equal numbers, -0.0 and 0.0 among them; nan as infinity."""
    finite = np.where(np.isnan(numbers), np.inf, numbers + 0.0)
    return finite.astype(np.float64).view(np.uint64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014): every input bit moves every output bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
