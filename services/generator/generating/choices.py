"""Who chooses what: successive choices without replacement, with a known propensity."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.generator.generating.blocks import Block, Stream, blocks_of, random_stream
from services.generator.generating.population import Population
from shared.arrays.types import Float32
from shared.artifacts.truth import Truth


@dataclass(frozen=True)
class Choices:
    """The items that users chose: int32 `items`, one after the other by user and category.

    `counts` int64[users, categories] says how many; within a category the order is that of
    choosing. At ten million interactions this takes 40 MB, the one thing that grows with them.
    """

    counts: NDArray[np.int64]
    items: NDArray[np.int32]
    starts: NDArray[np.int64]
    """Where the choices of a user in a category begin in `items`, [users, categories]."""

    @classmethod
    def none_yet(cls, counts: NDArray[np.int64]) -> "Choices":
        flat = counts.ravel()
        starts = (np.cumsum(flat) - flat).reshape(counts.shape)
        return cls(counts, np.empty(flat.sum(), dtype=np.int32), starts)

    def of_block(self, block: Block) -> NDArray[np.int32]:
        """A view of the choices of the block's users."""
        start = self.starts[block.start, 0]
        return self.items[start : start + self.counts[block.users].sum()]

    def of_user(self, user: int, category: int) -> NDArray[np.int32]:
        """A view of a user's choices in a category."""
        start = self.starts[user, category]
        return self.items[start : start + self.counts[user, category]]


def choose(population: Population, seed: int, advance: Callable[[int], object]) -> Choices:
    """Let everyone choose, and see to it that every item is chosen once.

    `advance` is called with how many more users have chosen.
    """
    choices = Choices.none_yet(population.counts)
    for block in blocks_of(*_users_and_items(population.truth)):
        rng = random_stream(seed, Stream.CHOICE, block.number)
        _choose_in_block(population.truth, block, choices, rng)
        advance(block.stop - block.start)
    _cover_all_items(population.truth, choices)
    return choices


def _choose_in_block(
    truth: Truth, block: Block, choices: Choices, rng: np.random.Generator
) -> None:
    weights = truth.choice_weights(np.arange(block.start, block.stop))
    for category in range(choices.counts.shape[1]):
        offered = np.flatnonzero(truth.item_categories == category)
        counts = choices.counts[block.users, category]
        chosen = successive_choices(weights[:, offered], int(counts.max()), rng)
        place = np.arange(chosen.shape[1])
        is_taken = place < counts[:, None]
        places = choices.starts[block.users, category][:, None] + place
        choices.items[places[is_taken]] = offered[chosen[is_taken]]


def successive_choices(
    weights: Float32, how_many: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The columns that each row chooses, in order and without replacement, int64[n, how_many].

    Each choice is in proportion to the weights of what is left (Plackett & Luce): the order in
    which exponential clocks with these rates ring.
    """
    rings = rng.standard_exponential(weights.shape, dtype=np.float32) / weights
    first = np.argpartition(rings, how_many - 1, axis=1)[:, :how_many]
    order = np.argsort(np.take_along_axis(rings, first, axis=1), axis=1)
    return np.take_along_axis(first, order, axis=1)


def _cover_all_items(truth: Truth, choices: Choices) -> None:
    """Give each item that nobody chose to the user who was likeliest to choose it.

    It takes the place of the user's most chosen item in the category. A block of users nearly
    always suffices for the few such items; the next ones are asked for what is left.
    """
    chosen = np.bincount(choices.items, minlength=len(truth.items))
    for block in blocks_of(*_users_and_items(truth)):
        left = np.flatnonzero(chosen == 0)
        if len(left) == 0:
            return
        users = np.arange(block.start, block.stop)
        propensity = truth.propensity(users)[:, left]
        for column, item in enumerate(left):
            category = int(truth.item_categories[item])
            likeliest = users[np.argsort(-propensity[:, column], kind="stable")]
            _give_to_one_of(likeliest, int(item), choices, category, chosen)


def _give_to_one_of(
    users: NDArray[np.int64],
    item: int,
    choices: Choices,
    category: int,
    chosen: NDArray[np.int64],
) -> None:
    for user in users:
        own = choices.of_user(user, category)
        if len(own) == 0:
            continue
        place = np.argmax(chosen[own])
        if chosen[own[place]] > 1:
            chosen[own[place]] -= 1
            chosen[item] += 1
            own[place] = item
            return


def _users_and_items(truth: Truth) -> tuple[int, int]:
    return len(truth.users), len(truth.items)
