"""What the generator planted: the rating that anyone would give anything, and who chooses what.

truth/manifest.json   the model's constants, and the hash of the data that it belongs to
truth/*.npy           biases, factors and choice parameters

Reports and tests compare a model with it; whoever trains, never reads it.
"""

import logging
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from shared.arrays.named import Arrays, typed
from shared.arrays.types import Float32, Float64, Indices
from shared.artifacts.array_folder import (
    ArrayDescription,
    ArrayFolderError,
    read_arrays,
    write_arrays,
)
from shared.artifacts.id_map import IdMap
from shared.durable_files import replace_folder, write_text

logger = logging.getLogger(__name__)


# Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.26: erf within 1.5e-7.
_ERF_P = 0.3275911
_ERF_COEFFICIENTS = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0.0)


class Response(BaseModel, frozen=True):
    """How a latent rating becomes a stored one: normal noise, rounding to steps, clipping."""

    minimum: float
    maximum: float
    step: float
    noise: float
    """The standard deviation of the noise before rounding."""

    def draw(self, latent: Float64, rng: np.random.Generator) -> Float64:
        """A stored rating for each latent one, float64[n]."""
        noisy = latent + self.noise * rng.standard_normal(len(latent))
        steps = np.floor((noisy - self.minimum) / self.step + 0.5)
        return np.clip(self.minimum + self.step * steps, self.minimum, self.maximum)

    def expectation(self, latent: Float64) -> Float64:
        """The mean of the stored rating, float64[n]: clipping moves it off the latent one."""
        mean = np.zeros(len(latent))
        for level in self._levels():
            mean += self._reaches(level, latent)
        return self.minimum + self.step * mean

    def variance(self, latent: Float64) -> Float64:
        """The variance of the stored rating, float64[n]: what no model can explain."""
        mean, square = np.zeros(len(latent)), np.zeros(len(latent))
        for level in self._levels():
            reached = self._reaches(level, latent)
            mean += reached
            square += (2 * level - 1) * reached  # n² is the sum of the first n odd numbers
        return self.step**2 * (square - mean**2)

    def _levels(self) -> range:
        return range(1, round((self.maximum - self.minimum) / self.step) + 1)

    def _reaches(self, level: int, latent: Float64) -> Float64:
        """The probability that the stored rating is `level` steps above the minimum or more."""
        threshold = self.minimum + self.step * (level - 0.5)
        return normal_cdf((latent - threshold) / self.noise)


def normal_cdf(values: Float64) -> Float64:
    """The standard normal distribution function, within 1e-7."""
    scaled = np.abs(values) / math.sqrt(2)
    t = 1 / (1 + _ERF_P * scaled)
    upper_tail = 0.5 * np.polyval(_ERF_COEFFICIENTS, t) * np.exp(-(scaled**2))
    return np.where(values < 0, upper_tail, 1 - upper_tail)


@dataclass(frozen=True)
class Truth:
    """The planted model. Methods take indices into its own `users` and `items`.

    latent rating = user_bias[u] + item_bias[i] + affinities[u, category of i]
                    + user_factors[u] · item_factors[i]

    A user turns to category c with probability category_shares[u, c], and there chooses, among
    the items not chosen before, in proportion to
    exp(log_popularity[i] + choice_strength · user_factors[u] · item_factors[i]).

    Shapes: user_bias [users], item_bias and log_popularity [items], affinities and category_shares
    [users, categories], user_factors [users, rank], item_factors [items, rank], all float32;
    item_categories uint8[items]. ValueError where they do not fit one another. `content_hash` is
    that of the data (shared.artifacts.data_hash), empty before there is any.
    """

    users: IdMap
    items: IdMap
    user_bias: Float32
    item_bias: Float32
    affinities: Float32
    user_factors: Float32
    item_factors: Float32
    log_popularity: Float32
    category_shares: Float32
    item_categories: NDArray[np.uint8]
    choice_strength: float
    response: Response
    content_hash: str

    def __post_init__(self) -> None:
        users, items = len(self.users), len(self.items)
        categories, rank = self.affinities.shape[-1], self.item_factors.shape[-1]
        fit = (
            self.user_bias.shape == (users,)
            and self.item_bias.shape == (items,)
            and self.affinities.shape == (users, categories)
            and self.user_factors.shape == (users, rank)
            and self.item_factors.shape == (items, rank)
            and self.log_popularity.shape == (items,)
            and self.category_shares.shape == (users, categories)
            and self.item_categories.shape == (items,)
            and int(self.item_categories.max(initial=0)) < categories
        )
        if not fit:
            raise ValueError("the arrays of the truth do not fit together")

    def expected_rating(self, user_indices: Indices, item_indices: Indices) -> Float64:
        """The expectation of the stored rating of each pair, float64[n]."""
        return self.response.expectation(self.latent_rating(user_indices, item_indices))

    def noise_variance(self, user_indices: Indices, item_indices: Indices) -> Float64:
        """The variance of the stored rating of each pair, float64[n]."""
        return self.response.variance(self.latent_rating(user_indices, item_indices))

    def latent_rating(self, user_indices: Indices, item_indices: Indices) -> Float64:
        """The rating of each pair before noise, rounding and clipping, float64[n]."""
        latent: Float64 = self.user_bias[user_indices].astype(np.float64)
        latent += self.item_bias[item_indices]
        latent += self.affinities[user_indices, self.item_categories[item_indices]]
        latent += np.einsum(
            "nr,nr->n", self.user_factors[user_indices], self.item_factors[item_indices]
        )
        return latent

    def choice_weights(self, user_indices: Indices) -> Float32:
        """What choices within a category are proportional to, float32[n, items]."""
        weights: Float32 = self.user_factors[user_indices] @ self.item_factors.T
        weights *= np.float32(self.choice_strength)
        weights += self.log_popularity
        return np.exp(weights, out=weights)

    def propensity(self, user_indices: Indices) -> Float64:
        """The probability of each item to be the user's first choice, float64[n, items]."""
        weights = self.choice_weights(user_indices).astype(np.float64)
        for category in range(self.category_shares.shape[1]):
            inside = self.item_categories == category
            share = self.category_shares[user_indices, category].astype(np.float64)
            weights[:, inside] *= (share / weights[:, inside].sum(axis=1))[:, None]
        return weights

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        floats = {name: getattr(self, name) for name in _FLOAT_ARRAYS}
        return {
            **self.users.arrays("users"),
            **self.items.arrays("items"),
            **floats,
            "item_categories": self.item_categories,
        }


_FLOAT_ARRAYS = (
    "user_bias",
    "item_bias",
    "affinities",
    "user_factors",
    "item_factors",
    "log_popularity",
    "category_shares",
)


class TruthManifest(BaseModel):
    """truth/manifest.json."""

    format: Literal[1] = 1
    content_hash: str
    choice_strength: float
    response: Response
    arrays: dict[str, ArrayDescription]


def save_truth(artifact_dir: Path, truth: Truth) -> None:
    """Write `truth/`, in the place of the one that may be there."""
    remove_truth(artifact_dir)
    temporary = artifact_dir / ".writing-truth"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    manifest = TruthManifest(
        content_hash=truth.content_hash,
        choice_strength=truth.choice_strength,
        response=truth.response,
        arrays=write_arrays(temporary, truth.arrays()),
    )
    write_text(temporary / "manifest.json", manifest.model_dump_json(indent=2) + "\n")
    replace_folder(temporary, _folder(artifact_dir))


def remove_truth(artifact_dir: Path) -> None:
    """Remove `truth/`, if there is one."""
    if _folder(artifact_dir).exists():
        shutil.rmtree(_folder(artifact_dir))


def read_truth(artifact_dir: Path, content_hash: str) -> Truth | None:
    """The truth of the data with this hash; None where there is none or it does not hold."""
    folder = _folder(artifact_dir)
    try:
        manifest = TruthManifest.model_validate_json((folder / "manifest.json").read_bytes())
        if manifest.content_hash != content_hash:
            logger.info("%s belongs to other data and is ignored", folder)
            return None
        return _truth(manifest, read_arrays(folder, manifest.arrays))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        logger.warning("%s is ignored: its manifest does not hold: %s", folder, problem["msg"])
    except KeyError as error:
        logger.warning("%s is ignored: it lacks the array %s", folder, error)
    except (OSError, ValueError, ArrayFolderError) as error:
        logger.warning("%s is ignored: %s", folder, error)
    return None


def truth_users(artifact_dir: Path) -> IdMap | None:
    """Whom the truth knows, whatever data it belongs to; None where there is none or it does not
    hold."""
    folder = _folder(artifact_dir)
    try:
        manifest = TruthManifest.model_validate_json((folder / "manifest.json").read_bytes())
        return IdMap.from_arrays(read_arrays(folder, manifest.arrays), "users")
    except (OSError, KeyError, ValueError, ArrayFolderError):
        return None


def _truth(manifest: TruthManifest, arrays: Arrays) -> Truth:
    return Truth(
        users=IdMap.from_arrays(arrays, "users"),
        items=IdMap.from_arrays(arrays, "items"),
        item_categories=typed(arrays, "item_categories", np.uint8),
        choice_strength=manifest.choice_strength,
        response=manifest.response,
        content_hash=manifest.content_hash,
        **{name: typed(arrays, name, np.float32) for name in _FLOAT_ARRAYS},
    )


def _folder(artifact_dir: Path) -> Path:
    return artifact_dir / "truth"
