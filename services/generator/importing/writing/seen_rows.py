"""How often each row of a file has been there before."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class SeenRows:
    """Counts equal 64-bit hashes in the order in which they come, in 8 bytes a row.

    Hashes are kept in sorted runs, each at least twice as long as the next (a log-structured
    merge: O'Neil et al. 1996): n rows are copied O(log n) times and looked up in O(log n) runs.
    While two runs merge, both and their union are in memory: at most 16 bytes a row more.
    """

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def occurrences(self, hashes: Hashes) -> NDArray[np.int64]:
        """For each of `hashes`, uint64[n]: how many equal ones came before it, int64[n]."""
        order = np.argsort(hashes, kind="stable")
        run = hashes[order]
        first = np.searchsorted(run, run, side="left")
        ranked = np.arange(len(run)) - first  # inside this batch
        for earlier in self._runs:
            ranked += np.searchsorted(earlier, run, side="right")
            ranked -= np.searchsorted(earlier, run, side="left")
        self._keep(run)
        occurrences = np.empty(len(run), dtype=np.int64)
        occurrences[order] = ranked
        return occurrences

    def _keep(self, run: Hashes) -> None:
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")  # merges the two in one pass
        self._runs.append(run)
