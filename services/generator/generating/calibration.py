"""How high each group rates: solved so that the mean of its stored ratings is the one wanted."""

from dataclasses import replace

import numpy as np

from services.generator.generating.blocks import blocks_of
from services.generator.generating.catalogue import CATEGORIES
from services.generator.generating.choices import Choices
from services.generator.generating.population import Population
from shared.arrays.types import Float64
from shared.artifacts.truth import Response

MEAN_RATING = {"tech": 4.0, "fashion": 4.2, "sport": 3.8}
"""The mean rating that each group gives."""

# A histogram of latent ratings stands for them: a bin this fine moves a mean by less than 1e-5.
_BIN = 0.01
_EDGE = 10.0
_CENTRES = np.arange(-_EDGE, _EDGE, _BIN) + _BIN / 2


def calibrate(population: Population, choices: Choices) -> Population:
    """The population with its groups' levels in the users' biases.

    They are solved on the expectation of the stored rating of what was chosen: clipping and
    choosing by taste move means.
    """
    histograms = _latent_histograms(population, choices)
    levels = [
        _level(histogram, MEAN_RATING[category.name], population.truth.response)
        for histogram, category in zip(histograms, CATEGORIES, strict=True)
    ]
    bias = population.truth.user_bias + np.array(levels, dtype=np.float32)[population.groups]
    return replace(population, truth=replace(population.truth, user_bias=bias))


def _latent_histograms(population: Population, choices: Choices) -> Float64:
    """How the latent ratings of each group's choices are distributed, [groups, bins]."""
    truth = population.truth
    histograms = np.zeros((len(CATEGORIES), len(_CENTRES)))
    for block in blocks_of(len(truth.users), len(truth.items)):
        chosen = choices.of_block(block)
        users = np.arange(block.start, block.stop).repeat(choices.counts[block.users].sum(axis=1))
        latent = truth.latent_rating(users, chosen)
        bins = np.clip((latent + _EDGE) / _BIN, 0, len(_CENTRES) - 1).astype(np.int64)
        np.add.at(histograms, (population.groups[users], bins), 1)
    return histograms


def _level(histogram: Float64, target: float, response: Response) -> float:
    """What has to be added to latent ratings for the stored ones to have the mean `target`."""
    low, high = response.minimum - _EDGE, response.maximum + _EDGE
    for _ in range(30):
        level = (low + high) / 2
        if np.average(response.expectation(_CENTRES + level), weights=histogram) < target:
            low = level
        else:
            high = level
    return (low + high) / 2
