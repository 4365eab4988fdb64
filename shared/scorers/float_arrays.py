"""How scorers become arrays, and again scorers: what all but a blend have in common."""

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from shared.arrays.named import Arrays, typed
from shared.arrays.types import Float32, Indices
from shared.scorers.histories import Histories

HISTORIES = "histories"


@dataclass(frozen=True)
class FloatArrays:
    """A dataclass of float32 arrays, and of `histories` where users have no side of their own."""

    user_side: ClassVar[tuple[str, ...]] = ()
    """The arrays with a row for each user."""

    @classmethod
    def from_arrays(cls, arrays: Arrays, histories: Histories) -> Self:
        """KeyError for an array that is missing, ValueError for one of another type."""
        parts: dict[str, Any] = {name: typed(arrays, name, np.float32) for name in cls._names()}
        if any(field.name == HISTORIES for field in fields(cls)):
            parts[HISTORIES] = histories
        return cls(**parts)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {name: getattr(self, name) for name in self._names()}

    def without_users(self, user_indices: Indices) -> Self:
        if not self.user_side:
            return self
        emptied = {name: _emptied(getattr(self, name), user_indices) for name in self.user_side}
        return replace(self, **emptied)

    @classmethod
    def _names(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name != HISTORIES]


def _emptied(array: Float32, rows: Indices) -> Float32:
    """A copy with zeros in these rows."""
    emptied = array.copy()
    emptied[rows] = 0
    return emptied
