"""The one place where ids and indices meet: ids in byte order, memory-mapped."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shared.arrays.named import Arrays, typed
from shared.arrays.ragged import Ragged
from shared.artifacts.text_column import TextColumn

NO_GAPS = np.empty(0, dtype=np.int64)


class IdMap(TextColumn):
    """Ids in byte order, and so an index for each: ids and indices are converted here alone.

    An id is found by bisection over the mapped file: a million users cost no memory and no
    start-up time, and a look-up 5 µs.

    `gaps` int64[any] are the rows, in order, whose ids were taken out. A gap holds the text of the
    row before it, the first one none: so the order stays, and bisection, which finds the first of
    equals, never comes to a gap. `len` counts gaps too, as matrices have rows for them.
    """

    def __init__(
        self,
        offsets: NDArray[np.int64],
        utf8: NDArray[np.uint8],
        gaps: NDArray[np.int64] = NO_GAPS,
    ) -> None:
        super().__init__(offsets, utf8)
        if np.any(np.diff(gaps, prepend=-1) <= 0) or np.any(gaps >= len(self)):
            raise ValueError("the gaps of an id map do not fit its rows")
        self._gaps = gaps

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """The map of the distinct `values`; the order of code points is that of UTF-8's bytes."""
        return super().of(sorted(set(values)))

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> Self:
        column = TextColumn.from_arrays(arrays, name)
        gaps = typed(arrays, f"{name}.gaps", np.int64) if f"{name}.gaps" in arrays else NO_GAPS
        return cls(column._offsets, column._utf8, gaps)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        return super().arrays(name) | ({f"{name}.gaps": self._gaps} if len(self._gaps) else {})

    def without(self, indices: Iterable[int]) -> Self:
        """The same map with the ids of these rows taken out; all others keep their index."""
        gaps = np.union1d(self._gaps, np.array([*indices], dtype=np.int64))
        lengths = Ragged(self._offsets).sizes()
        pieces: list[bytes | memoryview] = []
        before, begin = b"", 0
        for gap in gaps.tolist():
            if gap > begin:
                before = self.utf8(gap - 1)
                pieces.append(self._bytes[self._starts[begin] : self._starts[gap]])
            pieces.append(before)
            lengths[gap] = len(before)
            begin = gap + 1
        pieces.append(self._bytes[self._starts[begin] :])
        utf8 = np.frombuffer(b"".join(pieces), dtype=np.uint8)
        return type(self)(Ragged.from_sizes(lengths).offsets, utf8, gaps)

    @property
    def num_ids(self) -> int:
        """How many ids there are: the rows that are no gaps."""
        return len(self) - len(self._gaps)

    def page(self, offset: int, limit: int) -> NDArray[np.int64]:
        """The rows of ids `offset` to `offset + limit`, in byte order and without gaps, int64."""
        places = np.arange(offset, min(offset + limit, self.num_ids), dtype=np.int64)
        ids_before = self._gaps - np.arange(len(self._gaps))
        rows: NDArray[np.int64] = places + np.searchsorted(ids_before, places, side="right")
        return rows

    def find(self, value: str) -> int:
        """The index of an id, or -1."""
        if not value:  # no id, but the text of a gap in the first row
            return -1
        try:
            utf8 = value.encode("utf-8")
        except UnicodeEncodeError:  # a lone surrogate is no id that could have been stored
            return -1
        position = bisect_left(range(len(self)), utf8, key=self.utf8)
        return position if position < len(self) and self.utf8(position) == utf8 else -1

    def find_all(self, values: Iterable[str]) -> NDArray[np.int64]:
        """The index of each id, or -1, int64[n]."""
        return np.fromiter((self.find(value) for value in values), dtype=np.int64)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self.find(value) >= 0
