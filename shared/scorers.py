"""The numpy scorers that versions are served and evaluated with; training is not needed to score.

A scorer answers for user and item indices; -1 stands for one that its version does not know.
"""

from dataclasses import dataclass, fields
from typing import ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from shared.array_folder import Arrays, typed

Floats = NDArray[np.float32]
Indices = NDArray[np.integer]


class Scorer(Protocol):
    """What a model leaves behind: arrays, and a score for every item."""

    def score(self, user_index: int) -> Floats:
        """The raw score of every item for a user, float32[items]; user -1 is a stranger."""
        ...

    def knows(self, user_index: int) -> bool:
        """Whether anything of the user, -1 for a stranger, went into the scores."""
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` needs to make this scorer again."""
        ...


@runtime_checkable
class Rater(Scorer, Protocol):
    """A scorer whose scores are ratings on the data's scale, before they are clipped to it."""

    def rate(self, user_indices: Indices, item_indices: Indices) -> Floats:
        """The raw rating of each pair, float32[n], with what is known where an index is -1."""
        ...


@dataclass(frozen=True)
class MatrixFactorization:
    """mean + user_bias[u] + item_bias[i] + user_factors[u] · item_factors[i].

    Shapes: mean [1], user_bias [users], item_bias [items], user_factors [users, rank],
    item_factors [items, rank], all float32 and finite; ValueError where they do not fit together.
    An unknown user or item contributes no bias and no factors: the expectation under the prior.
    """

    mean: Floats
    user_bias: Floats
    item_bias: Floats
    user_factors: Floats
    item_factors: Floats

    roles: ClassVar[frozenset[str]] = frozenset({"rating", "ranker"})

    def __post_init__(self) -> None:
        rank = self.item_factors.shape[-1]
        if (
            self.mean.shape != (1,)
            or self.user_factors.shape != (len(self.user_bias), rank)
            or self.item_factors.shape != (len(self.item_bias), rank)
        ):
            raise ValueError("the biases and factors of a matrix factorization do not fit together")
        if not all(np.isfinite(array).all() for array in self.arrays().values()):
            raise ValueError("a matrix factorization holds what is no finite number")

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(**{field.name: typed(arrays, field.name, np.float32) for field in fields(cls)})

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def score(self, user_index: int) -> Floats:
        if user_index < 0:
            return self.mean + self.item_bias
        bias = self.mean + self.user_bias[user_index] + self.item_bias
        scores: Floats = bias + self.item_factors @ self.user_factors[user_index]
        return scores

    def knows(self, user_index: int) -> bool:
        return user_index >= 0 and bool(
            self.user_bias[user_index] or self.user_factors[user_index].any()
        )

    def rate(self, user_indices: Indices, item_indices: Indices) -> Floats:
        known_user, known_item = user_indices >= 0, item_indices >= 0
        ratings = self.mean + np.zeros(len(user_indices), dtype=np.float32)
        ratings[known_user] += self.user_bias[user_indices[known_user]]
        ratings[known_item] += self.item_bias[item_indices[known_item]]
        both = known_user & known_item
        ratings[both] += np.einsum(
            "nr,nr->n",
            self.user_factors[user_indices[both]],
            self.item_factors[item_indices[both]],
        )
        return ratings


@dataclass(frozen=True)
class Popularity:
    """The same list for everyone: `popularity` float32[items], higher is more popular."""

    popularity: Floats

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(typed(arrays, "popularity", np.float32))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"popularity": self.popularity}

    def score(self, user_index: int) -> Floats:
        return self.popularity

    def knows(self, user_index: int) -> bool:
        return False


POPULARITY = "popularity"

SCORERS: dict[str, type[MatrixFactorization] | type[Popularity]] = {
    POPULARITY: Popularity,
    "bias": MatrixFactorization,
    "als": MatrixFactorization,
}
"""The scorer of each model, by the model's name."""
