"""Arrays by name: what a part of a version is written as and read from."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)
Arrays = Mapping[str, NDArray[np.generic]]


def typed(arrays: Arrays, name: str, dtype: type[T]) -> NDArray[T]:
    """The array of that name; KeyError where there is none, ValueError for another type."""
    array = arrays[name]
    if array.dtype != dtype:
        raise ValueError(f"array {name} holds {array.dtype}, not {np.dtype(dtype)}")
    return array.view(dtype)


def with_prefix(name: str, arrays: Arrays) -> dict[str, NDArray[np.generic]]:
    """The arrays of a part, by names that begin with its own."""
    return {f"{name}.{array}": values for array, values in arrays.items()}


def part(arrays: Arrays, name: str) -> Arrays:
    """The arrays of the part of that name, by their names within it."""
    prefix = f"{name}."
    return {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}
