"""Rows of groups, one group after another: where each group's begin (CSR without its columns)."""

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.arrays.types import Indices

Index = TypeVar("Index", bound=np.integer)


@dataclass(frozen=True)
class Ragged:
    """The rows of group g are those from `offsets[g]` to `offsets[g + 1]`.

    `offsets` int64[groups + 1]. It is a view of offsets that others keep, made where it is needed;
    `fits` says whether they hold.
    """

    offsets: NDArray[np.int64]

    @classmethod
    def from_sizes(cls, sizes: ArrayLike) -> Self:
        """Of groups with so many rows each, int[groups]."""
        ends = np.cumsum(sizes)
        offsets = np.zeros(len(ends) + 1, dtype=np.int64)
        offsets[1:] = ends
        return cls(offsets)

    @classmethod
    def from_owners(cls, owners: Indices, groups: int) -> Self:
        """Of rows sorted by their group, `owners` int[rows]."""
        return cls.from_sizes(np.bincount(owners, minlength=groups))

    def fits(self, rows: int) -> bool:
        """Whether the offsets rise from 0 to so many rows."""
        return (
            self.offsets.ndim == 1
            and len(self.offsets) > 0
            and self.offsets[0] == 0
            and self.offsets[-1] == rows
            and not np.any(np.diff(self.offsets) < 0)
        )

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self.offsets) - 1

    def sizes(self) -> NDArray[np.int64]:
        """How many rows each group has, int64[groups]."""
        return np.diff(self.offsets)

    def owners(self, dtype: type[Index]) -> NDArray[Index]:
        """The group of each row, [rows]."""
        return np.repeat(np.arange(len(self), dtype=dtype), self.sizes())

    def take(self, groups: Indices) -> tuple["Ragged", NDArray[np.int64]]:
        """These groups in this order, and which of the rows are theirs, int64[rows of these]."""
        begins = self.offsets[groups]
        taken = Ragged.from_sizes(self.offsets[groups + 1] - begins)
        shifts = np.repeat(begins - taken.offsets[:-1], taken.sizes())
        return taken, np.arange(taken.offsets[-1]) + shifts
