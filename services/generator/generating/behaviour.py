"""What happens: users come to what they choose, in sessions, and rate it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.generator.generating.blocks import Block, Stream, blocks_of, random_stream
from services.generator.generating.choices import Choices
from services.generator.generating.population import Population
from services.generator.generating.sessions import session_times
from shared.arrays.types import Float64


@dataclass(frozen=True)
class GeneratedInteractions:
    """Ratings of a block of users, oldest first for each: arrays [n].

    Indices are those of the truth; `occurred_at` is in epoch milliseconds.
    """

    user_indices: NDArray[np.int64]
    item_indices: NDArray[np.int32]
    ratings: Float64
    occurred_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ratings)

    def __getitem__(self, rows: slice) -> "GeneratedInteractions":
        return GeneratedInteractions(
            self.user_indices[rows],
            self.item_indices[rows],
            self.ratings[rows],
            self.occurred_at[rows],
        )


def happen(population: Population, choices: Choices, seed: int) -> Iterator[GeneratedInteractions]:
    """All interactions, a block of users at a time."""
    truth = population.truth
    for block in blocks_of(len(truth.users), len(truth.items)):
        rng = random_stream(seed, Stream.BEHAVIOUR, block.number)
        yield _happen_in_block(population, choices, block, rng)


def _happen_in_block(
    population: Population, choices: Choices, block: Block, rng: np.random.Generator
) -> GeneratedInteractions:
    counts = choices.counts[block.users]
    events = counts.sum(axis=1)
    users = np.arange(block.start, block.stop).repeat(events)
    items = choices.of_block(block)[interleave(counts, rng)]
    latent = population.truth.latent_rating(users, items)
    return GeneratedInteractions(
        user_indices=users,
        item_indices=items,
        ratings=population.truth.response.draw(latent, rng),
        occurred_at=session_times(events, rng),
    )


def interleave(counts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """An order for choices that lie by user and category, int64[counts.sum()].

    Each user's categories mix at random, while the order within each of them stays.
    """
    users, categories = counts.shape
    segment = np.repeat(np.arange(users * categories), counts.ravel())
    keys = rng.random(len(segment))
    keys = keys[np.lexsort((keys, segment))]
    return np.lexsort((keys, segment // categories))
