"""The same list for everyone."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from shared.array_folder import Arrays, typed
from shared.histories import Floats, Histories, History, Indices


@dataclass(frozen=True)
class Popularity:
    """`popularity` float32[items], higher is more popular; vectors are empty."""

    popularity: Floats

    roles: ClassVar[frozenset[str]] = frozenset({"ranker"})

    @classmethod
    def from_arrays(cls, arrays: Arrays, histories: Histories) -> Self:
        return cls(typed(arrays, "popularity", np.float32))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {"popularity": self.popularity}

    def vectors(self, user_indices: Indices) -> Floats:
        return np.empty((len(user_indices), 0), dtype=np.float32)

    def fold_in(self, history: History) -> Floats:
        return np.empty(0, dtype=np.float32)

    def score(self, vectors: Floats) -> Floats:
        return np.broadcast_to(self.popularity, (len(vectors), len(self.popularity)))

    def knows(self, history: History) -> bool:
        return False
