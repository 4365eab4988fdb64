"""Generations that are written nowhere, to look at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.generator.generating.behaviour import GeneratedInteractions, happen
from services.generator.generating.blocks import Stream, random_stream
from services.generator.generating.calibration import calibrate
from services.generator.generating.choices import Choices, choose
from services.generator.generating.population import Population, draw_population
from services.generator.generating.size import Size
from shared.artifacts.truth import Truth


@dataclass(frozen=True)
class World:
    """A generation that was written nowhere."""

    population: Population
    choices: Choices
    interactions: GeneratedInteractions

    @property
    def truth(self) -> Truth:
        return self.population.truth

    @property
    def rows_groups(self) -> NDArray[np.str_]:
        """The group of each interaction's user."""
        names = [self.population.group(user) for user in range(len(self.truth.users))]
        return np.array(names)[self.interactions.user_indices]

    @property
    def rows_categories(self) -> NDArray[np.str_]:
        """The category of each interaction's item."""
        names = [self.population.category(item) for item in range(len(self.truth.items))]
        return np.array(names)[self.interactions.item_indices]


def make_world(size: Size, seed: int = 42) -> World:
    population = draw_population(size, random_stream(seed, Stream.POPULATION))
    choices = choose(population, seed, lambda _: None)
    population = calibrate(population, choices)
    blocks = list(happen(population, choices, seed))
    return World(population, choices, _join(blocks))


def _join(blocks: list[GeneratedInteractions]) -> GeneratedInteractions:
    return GeneratedInteractions(
        np.concatenate([block.user_indices for block in blocks]),
        np.concatenate([block.item_indices for block in blocks]),
        np.concatenate([block.ratings for block in blocks]),
        np.concatenate([block.occurred_at for block in blocks]),
    )
