"""How scorers become arrays, and again scorers: what all but a blend have in common."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shared.array_folder import Arrays, typed
from shared.histories import Histories

HISTORIES = "histories"


@dataclass(frozen=True)
class FloatArrays:
    """A dataclass of float32 arrays, and of `histories` where users have no side of their own."""

    @classmethod
    def from_arrays(cls, arrays: Arrays, histories: Histories) -> Self:
        """KeyError for an array that is missing, ValueError for one of another type."""
        parts: dict[str, Any] = {name: typed(arrays, name, np.float32) for name in cls._names()}
        if any(field.name == HISTORIES for field in fields(cls)):
            parts[HISTORIES] = histories
        return cls(**parts)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {name: getattr(self, name) for name in self._names()}

    @classmethod
    def _names(cls) -> list[str]:
        return [field.name for field in fields(cls) if field.name != HISTORIES]
