"""The same list for everyone."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from shared.histories import Floats, History, Indices
from shared.scorers.float_arrays import FloatArrays


@dataclass(frozen=True)
class Popularity(FloatArrays):
    """`popularity` float32[items], higher is more popular; vectors are empty."""

    popularity: Floats

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    def vectors(self, user_indices: Indices) -> Floats:
        return np.empty((len(user_indices), 0), dtype=np.float32)

    def fold_in(self, history: History) -> Floats:
        return np.empty(0, dtype=np.float32)

    def score(self, vectors: Floats) -> Floats:
        return np.broadcast_to(self.popularity, (len(vectors), len(self.popularity)))

    def knows(self, history: History) -> bool:
        return False
