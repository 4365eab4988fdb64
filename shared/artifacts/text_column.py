"""A column of text as two memory-mapped arrays."""

from collections.abc import Iterable, Sequence
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

from shared.arrays.named import Arrays, typed
from shared.arrays.ragged import Ragged


class TextColumn(Sequence[str]):
    """A read-only column of strings: UTF-8 bytes end to end, and where each begins.

    A numpy string array takes 256 bytes an id or needs pickle; this takes the text and 8 bytes.
    `offsets` is int64[n + 1] and rises from 0 to the length of `utf8`, uint8[total].
    """

    def __init__(self, offsets: NDArray[np.int64], utf8: NDArray[np.uint8]) -> None:
        if not Ragged(offsets).fits(len(utf8)):
            raise ValueError("the offsets of a text column do not fit its bytes")
        self._offsets = offsets
        self._utf8 = utf8
        # Slicing a memoryview costs a third of slicing an array.
        self._starts = np.ascontiguousarray(offsets).data
        self._bytes = np.ascontiguousarray(utf8).data

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """The column of `values`, in their order."""
        encoded = [value.encode("utf-8") for value in values]
        offsets = Ragged.from_sizes([len(text) for text in encoded]).offsets
        return cls(offsets, np.frombuffer(b"".join(encoded), dtype=np.uint8))

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> Self:
        """The column that `arrays(name)` gave; KeyError or ValueError where it does not hold."""
        return cls(
            typed(arrays, f"{name}.offsets", np.int64), typed(arrays, f"{name}.utf8", np.uint8)
        )

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """The two arrays, under names that `from_arrays` finds."""
        return {f"{name}.offsets": self._offsets, f"{name}.utf8": self._utf8}

    def utf8(self, index: int) -> bytes:
        """The bytes of the string at `index`."""
        return bytes(self._bytes[self._starts[index] : self._starts[index + 1]])

    def sizes(self) -> NDArray[np.int64]:
        """How many bytes each string has, int64[n]."""
        return Ragged(self._offsets).sizes()

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.utf8(index % len(self)).decode("utf-8")
