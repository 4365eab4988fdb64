"""Users in blocks, and randomness for each: memory stays bounded and every block can be redone."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

_CELLS = 1 << 21  # user × item pairs in a block: 8 MB a float32 matrix


class Stream(IntEnum):
    """What random numbers are for: each purpose has its own, so that none shifts another."""

    POPULATION = 0
    CHOICE = 1
    BEHAVIOUR = 2


@dataclass(frozen=True)
class Block:
    """Users `start` to `stop - 1`."""

    number: int
    start: int
    stop: int

    @property
    def users(self) -> slice:
        return slice(self.start, self.stop)


def blocks_of(users: int, items: int) -> Iterator[Block]:
    """Blocks of as many users as keep a matrix of users × items small."""
    size = max(1, _CELLS // items)
    for number, start in enumerate(range(0, users, size)):
        yield Block(number, start, min(start + size, users))


def random_stream(seed: int, stream: Stream, block: int = 0) -> np.random.Generator:
    """The random numbers of one purpose in one block."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, block)))
