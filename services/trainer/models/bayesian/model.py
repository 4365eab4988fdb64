"""Fits Bayesian matrix factorizations by Gibbs sampling.

No penalty has to be found: all hyper-parameters are drawn with the rest, and predictions are means
over what the data leaves possible. What is known of a user is which items it rated, how many, and
its declared attributes; of an item likewise.
"""

from dataclasses import dataclass

import numpy as np

from services.trainer.data.dataset import Dataset
from services.trainer.models.bayesian.implicit_features import (
    implicit_features,
    item_features,
    user_features,
)
from services.trainer.models.bayesian.projection import project
from services.trainer.models.bayesian.sampler import Chain, start
from services.trainer.models.solver import Workers
from shared.arrays.types import Float32
from shared.progress import progress
from shared.scorers import BayesianFactorization

USER_FEATURES, ITEM_FEATURES = 32, 64  # singular vectors; half as many cost .001 to .002 RMSE
SWEEPS_PER_NOISE = 4  # the noise is known to .1 %: not drawn in every sweep
EXACT_ITEMS = 5000  # a larger catalogue is scored by a projection
PROJECTION_USERS = 2000


@dataclass(frozen=True)
class Sampling:
    """How many factors; how many sweeps are forgotten first, how many samples serve after that, and
    how many sweeps it is from one to the next."""

    rank: int
    burn_in: int
    samples: int
    spacing: int


def sample(
    dataset: Dataset, sampling: Sampling, seed: int, workers: Workers
) -> BayesianFactorization:
    """Samples of the items, and of who users may be."""
    ratings, rng = dataset.rated(), np.random.default_rng(seed)
    implicit = implicit_features(ratings, USER_FEATURES, ITEM_FEATURES, rng)
    users, centre = user_features(implicit, ratings, dataset.of_users.values)
    items = item_features(implicit, ratings, dataset.of_items.values)
    chain = start(ratings, sampling.rank, users, items, workers, rng)
    samples = _samples(chain, sampling)
    stacked = {name: np.stack([arrays[name] for arrays in samples]) for name in samples[0]}
    rows = stacked.pop("items").transpose(1, 0, 2)
    scorer = BayesianFactorization(
        item_factors=np.ascontiguousarray(rows[:, :, :-1]),
        item_biases=np.ascontiguousarray(rows[:, :, -1]),
        basis=implicit.basis,
        centre=centre,
        unit=np.array([ratings.mean(), ratings.standard_deviation()], dtype=np.float32),
        projection=np.empty((0, 0), dtype=np.float32),
        projected_items=np.empty((0, 0), dtype=np.float32),
        histories=dataset.histories,
        **stacked,
    )
    return scorer if len(dataset.items) <= EXACT_ITEMS else projected(scorer, rng)


def _samples(chain: Chain, sampling: Sampling) -> list[dict[str, Float32]]:
    """What serves, of every sampling.spacing-th sweep after the first ones."""
    samples = []
    sweeps = sampling.burn_in + sampling.samples * sampling.spacing
    with progress("fit bayesian", sweeps, "sweeps") as advance:
        for sweep in range(1 - sampling.burn_in, sweeps - sampling.burn_in + 1):
            chain.sweep()
            if sweep <= 0 or sweep % SWEEPS_PER_NOISE == 0:
                chain.draw_noise()
            if sweep > 0 and sweep % sampling.spacing == 0:
                samples.append(_served(chain))
            advance(1)
    return samples


def _served(chain: Chain) -> dict[str, Float32]:
    prior = chain.users.prior
    return {
        "items": chain.items.rows.cpu().numpy(),
        "user_location": prior.location.float().numpy(),
        "user_weights": prior.weights.float().numpy(),
        "user_precision": prior.precision.float().numpy(),
        "noise_precision": np.array(chain.noise, dtype=np.float32),
    }


def projected(scorer: BayesianFactorization, rng: np.random.Generator) -> BayesianFactorization:
    """The same model, scored by a projection that suits its own users."""
    users = rng.permutation(len(scorer.histories))[:PROJECTION_USERS]
    factors = scorer.vectors(users)[:, :-1]
    return scorer.with_projection(*project(factors, scorer.sampled_items))
