"""One regularised least-squares problem for every row of a sparse matrix, solved together.

Alternating least squares asks for users and items in turn; a fold-in asks for one more user.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import embedding

CHUNK_CELLS = 2**15
"""Padded cells that one task gathers: 2 MB at 16 columns, which stay in a cache."""


@dataclass(frozen=True)
class Prior:
    """The ridge penalty of each unknown of a row, float32[unknowns].

    A row with n events pays `penalty + n * per_event`: the first is a Gaussian prior, the second
    the weighting of Zhou et al. 2008 (ALS-WR).
    """

    penalty: Tensor
    per_event: Tensor


@dataclass(frozen=True)
class Chunk:
    """Rows of similar length side by side, padded to the longest.

    `rows` int64[n] are their numbers, `columns` int32[n, length] and `values` float32[n, length]
    their events, `lengths` float32[n] how many. Padding points behind the last column.
    """

    rows: Tensor
    columns: Tensor
    values: Tensor
    lengths: Tensor


class SparseRows:
    """A sparse matrix by rows, laid out once for many solves.

    Rows of similar length (the shortest at least 3/4 of the longest, or 8 events at most) share a
    chunk, so padding stays near a sixth and a chunk is one batched product and factorization.
    """

    def __init__(
        self,
        rows: NDArray[np.integer],
        columns: NDArray[np.integer],
        values: NDArray[np.floating],
        shape: tuple[int, int],
        device: torch.device,
    ) -> None:
        order = np.argsort(rows, kind="stable")
        columns, values = columns[order], values[order]
        lengths = np.bincount(rows, minlength=shape[0])
        self.shape = shape
        self.chunks = [
            _chunk(group, lengths, columns, values, shape[1], device)
            for group in _rows_of_similar_length(lengths)
        ]


def _rows_of_similar_length(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    longest_first = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    descending = lengths[longest_first]
    begin = 0
    while begin < len(longest_first):
        longest = int(descending[begin])
        shortest = longest * 3 // 4 if longest > 8 else 1
        similar = int(np.searchsorted(-descending, -shortest, side="right"))
        end = min(similar, begin + max(1, CHUNK_CELLS // longest))
        yield longest_first[begin:end]
        begin = end


def _chunk(
    rows: NDArray[np.int64],
    lengths: NDArray[np.int64],
    columns: NDArray[np.integer],
    values: NDArray[np.floating],
    padding: int,
    device: torch.device,
) -> Chunk:
    starts = (np.cumsum(lengths) - lengths)[rows, None]
    position = np.arange(lengths[rows].max())
    filled = position < lengths[rows, None]
    where = np.where(filled, starts + position, 0)
    return Chunk(
        rows=torch.from_numpy(rows).to(device),
        columns=torch.from_numpy(np.where(filled, columns[where], padding).astype(np.int32)).to(
            device
        ),
        values=torch.from_numpy(np.where(filled, values[where], 0).astype(np.float32)).to(device),
        lengths=torch.from_numpy(lengths[rows].astype(np.float32)).to(device),
    )


class Workers:
    """Runs independent tensor work, on a CPU in `threads` Python threads of one torch thread each.

    Two OpenMP threads inside torch collapse, up to thirtyfold, when another process takes a core;
    two Python threads do not. A GPU is fed by one thread.
    """

    def __init__(self, device: torch.device, threads: int) -> None:
        self.device = device
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(threads if device.type == "cpu" else 1)

    def run(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Run all tasks; the first error of one is raised here."""
        for future in [self._pool.submit(task) for task in tasks]:
            future.result()


def solve_rows(
    histories: SparseRows, features: Tensor, offsets: Tensor, prior: Prior, workers: Workers
) -> Tensor:
    """The solution of every row, float32[rows, unknowns].

    Row r minimises  Σ over its events (value - offsets[column] - features[column] · x)² +
    Σ over unknowns (prior.penalty + n_r prior.per_event) x².  `features` is float32[columns,
    unknowns], `offsets` float32[columns]. A row without events is 0, the prior's mean.
    """
    solution = features.new_zeros((histories.shape[0], features.shape[1]))
    table = _padded_table(features, offsets)
    workers.run(partial(_solve_chunk, chunk, table, prior, solution) for chunk in histories.chunks)
    return solution


def _padded_table(features: Tensor, offsets: Tensor) -> Tensor:
    """Features and offset side by side, and a row of zeros for padding to point to.

    Zeros fill the columns up to a multiple of 8: batched products are twice as fast at 16 as at 14.
    """
    columns, unknowns = features.shape
    table = features.new_zeros((columns + 1, -(-(unknowns + 1) // 8) * 8))
    table[:columns, :unknowns] = features
    table[:columns, unknowns] = offsets
    return table


def _solve_chunk(chunk: Chunk, table: Tensor, prior: Prior, solution: Tensor) -> None:
    unknowns = len(prior.penalty)
    x = embedding(chunk.columns, table)
    x[:, :, unknowns] = chunk.values - x[:, :, unknowns]  # the target, so that one product
    products = x.transpose(1, 2) @ x  # gives the Gram matrix and the moments
    gram, moments = products[:, :unknowns, :unknowns], products[:, :unknowns, unknowns, None]
    gram.diagonal(dim1=1, dim2=2).add_(prior.penalty + chunk.lengths[:, None] * prior.per_event)
    # The penalty makes every Gram matrix positive definite: no check, which would wait for a GPU.
    factor = torch.linalg.cholesky_ex(gram).L
    solution[chunk.rows] = torch.cholesky_solve(moments, factor)[:, :, 0]
