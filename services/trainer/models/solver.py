"""One regularised least-squares problem for every row of a sparse matrix, solved together.

Alternating least squares asks for users and items in turn. A fold-in solves the same equations for
one user in numpy (shared/scorers/ridge.py).
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn.functional import embedding

from shared.arrays.types import Indices

CHUNK_CELLS = 2**15
"""Padded cells that one task gathers: 2 MB at 16 columns, which stay in a cache."""

CHUNK_GRAM_FLOATS = 2**22
"""Float32 in the Gram matrices of one task: 16 MB; binds where rows are short and factors many."""


@dataclass(frozen=True)
class Prior:
    """What is known of a row's unknowns x before its events: normal, with `mean` and precision.

    Around `mean` [rows, unknowns] with `precision` [unknowns, unknowns], and around 0 with
    diag(`ridge[r]`) for row r, `ridge` [rows, unknowns] or [rows, 1]. None stands for zeros.
    """

    precision: Tensor
    ridge: Tensor | None = None
    mean: Tensor | None = None


@dataclass(frozen=True)
class Chunk:
    """Rows of similar length side by side, padded to the longest.

    `rows` int64[n] are their numbers, `columns` int32[n, length] and `values` float32[n, length]
    their events, `scales` float32[n, length] the square roots of their confidences (None: all 1).
    Padding points behind the last column.
    """

    rows: Tensor
    columns: Tensor
    values: Tensor
    scales: Tensor | None


class SparseRows:
    """A sparse matrix by rows, laid out once for many solves of `unknowns` unknowns a row.

    Rows of similar length (the shortest at least 3/4 of the longest, or 8 events at most) share a
    chunk, so padding stays near a sixth and a chunk is one batched product and factorization.
    `lengths` float32[rows, 1] is how many events each row has. `confidences` [n], 1 without.
    """

    def __init__(
        self,
        rows: Indices,
        columns: Indices,
        values: NDArray[np.floating],
        shape: tuple[int, int],
        device: torch.device,
        *,
        unknowns: int,
        confidences: NDArray[np.floating] | None = None,
    ) -> None:
        order = np.argsort(rows, kind="stable")
        lengths = np.bincount(rows, minlength=shape[0])
        layout = _Layout(
            lengths,
            starts=np.cumsum(lengths) - lengths,
            columns=columns[order],
            values=values[order],
            scales=None if confidences is None else np.sqrt(confidences[order]),
            padding=shape[1],
            device=device,
        )
        self.shape = shape
        self.lengths = torch.from_numpy(lengths.astype(np.float32)[:, None]).to(device)
        groups = _rows_of_similar_length(lengths, max(1, CHUNK_GRAM_FLOATS // (unknowns + 1) ** 2))
        self.chunks = [layout.chunk(group) for group in groups]


def _rows_of_similar_length(
    lengths: NDArray[np.int64], most_rows: int
) -> Iterator[NDArray[np.int64]]:
    longest_first = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    descending = lengths[longest_first]
    begin = 0
    while begin < len(longest_first):
        longest = int(descending[begin])
        shortest = longest * 3 // 4 if longest > 8 else 1
        similar = int(np.searchsorted(-descending, -shortest, side="right"))
        rows = min(most_rows, max(1, CHUNK_CELLS // longest))
        end = min(similar, begin + rows)
        yield longest_first[begin:end]
        begin = end


@dataclass(frozen=True)
class _Layout:
    """Events sorted by row, from which chunks are cut."""

    lengths: NDArray[np.int64]
    starts: NDArray[np.int64]
    columns: Indices
    values: NDArray[np.floating]
    scales: NDArray[np.floating] | None
    padding: int
    device: torch.device

    def chunk(self, rows: NDArray[np.int64]) -> Chunk:
        position = np.arange(self.lengths[rows].max())
        filled = position < self.lengths[rows, None]
        where = np.where(filled, self.starts[rows, None] + position, 0)
        return Chunk(
            rows=torch.from_numpy(rows).to(self.device),
            columns=self._tensor(np.where(filled, self.columns[where], self.padding), np.int32),
            values=self._tensor(np.where(filled, self.values[where], 0), np.float32),
            scales=None
            if self.scales is None
            else self._tensor(np.where(filled, self.scales[where], 0), np.float32),
        )

    def _tensor(self, array: NDArray[np.generic], dtype: type[np.generic]) -> Tensor:
        return torch.from_numpy(array.astype(dtype)).to(self.device)


class Workers:
    """Runs independent tensor work, on a CPU in `threads` Python threads of one torch thread each.

    Two OpenMP threads inside torch or numpy's BLAS collapse, up to thirtyfold, when another process
    takes a core; two Python threads do not. A GPU is fed by one thread.
    """

    def __init__(self, device: torch.device, threads: int) -> None:
        self.device = device
        torch.set_num_threads(1)
        threadpool_limits(1, user_api="blas")
        self._pool = ThreadPoolExecutor(threads if device.type == "cpu" else 1)

    def run(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Run all tasks; the first error of one is raised here."""
        for future in [self._pool.submit(task) for task in tasks]:
            future.result()


def solve_rows(
    histories: SparseRows,
    features: Tensor,
    offsets: Tensor,
    prior: Prior,
    workers: Workers,
    noise: Tensor | None = None,
) -> Tensor:
    """The solution of every row, float32[rows, unknowns].

    Row r minimises  Σ over its events confidence (value - offsets[column] - features[column] · x)²
    + (x - mean_r)ᵀ precision (x - mean_r) + xᵀ diag(ridge_r) x.  `features` is float32[columns,
    unknowns], `offsets` float32[columns]. With `noise`, standard normal float32[rows, unknowns],
    it is a draw from the posterior whose mode the solution is. A row without events is its prior's.
    """
    solution = _prior_rows(histories.shape[0], prior, noise)
    table = _padded_table(features, offsets)
    workers.run(
        partial(_solve_chunk, chunk, table, prior, noise, solution) for chunk in histories.chunks
    )
    return solution


def _prior_rows(rows: int, prior: Prior, noise: Tensor | None) -> Tensor:
    """What rows without events come to: every row, since most are overwritten."""
    mean = prior.precision.new_zeros((rows, len(prior.precision)))
    if prior.mean is not None:
        mean += prior.mean
    if noise is not None:
        factor = torch.linalg.cholesky(prior.precision)
        mean += torch.linalg.solve_triangular(factor.mT, noise.mT, upper=True).mT
    return mean


def _padded_table(features: Tensor, offsets: Tensor) -> Tensor:
    """Features and offset side by side, and a row of zeros for padding to point to.

    Zeros fill the columns up to a multiple of 8: batched products are twice as fast at 16 as at 14.
    """
    columns, unknowns = features.shape
    table = features.new_zeros((columns + 1, -(-(unknowns + 1) // 8) * 8))
    table[:columns, :unknowns] = features
    table[:columns, unknowns] = offsets
    return table


def _solve_chunk(
    chunk: Chunk, table: Tensor, prior: Prior, noise: Tensor | None, solution: Tensor
) -> None:
    unknowns = solution.shape[1]
    x = embedding(chunk.columns, table)
    x[:, :, unknowns] = chunk.values - x[:, :, unknowns]  # the target takes the offset's column
    if chunk.scales is not None:
        x *= chunk.scales[:, :, None]
    products = x.mT @ x  # Gram matrices and moments at once
    gram, moments = products[:, :unknowns, :unknowns], products[:, :unknowns, unknowns]
    if prior.mean is not None:
        moments = moments + prior.mean[chunk.rows] @ prior.precision
    gram += prior.precision
    if prior.ridge is not None:
        gram.diagonal(dim1=1, dim2=2).add_(prior.ridge[chunk.rows])
    # The penalty makes every Gram matrix positive definite: no check, which would wait for a GPU.
    factor = torch.linalg.cholesky_ex(gram).L
    if noise is None:
        solution[chunk.rows] = torch.cholesky_solve(moments[:, :, None], factor)[:, :, 0]
        return
    half = torch.linalg.solve_triangular(factor, moments[:, :, None], upper=False)
    half += noise[chunk.rows][:, :, None]
    solution[chunk.rows] = torch.linalg.solve_triangular(factor.mT, half, upper=True)[:, :, 0]
