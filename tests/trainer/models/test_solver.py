"""solve_rows against one dense solve a row."""

import numpy as np
import pytest
import torch

from services.trainer.models.solver import (
    CHUNK_CELLS,
    CHUNK_GRAM_FLOATS,
    Prior,
    SparseRows,
    Workers,
    solve_rows,
)
from shared.scorers import ridge

CPU = torch.device("cpu")


def random_matrix(
    rng: np.random.Generator, rows: int, columns: int, density: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row, column = np.nonzero(rng.random((rows, columns)) < density)
    return row, column, rng.normal(size=len(row)).astype(np.float32)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("confident", [False, True])
def test_every_row_is_the_regression_of_a_fold_in(threads: int, confident: bool) -> None:
    rng = np.random.default_rng(1)
    density = rng.random((40, 1)) ** 2  # short and long rows, some empty
    row, column, value = random_matrix(rng, 40, 300, density)
    features = rng.normal(size=(300, 4)).astype(np.float32)
    offsets = rng.normal(size=300).astype(np.float32)
    precision = np.cov(rng.normal(size=(4, 9))).astype(np.float32)
    ridges = rng.uniform(0.1, 2, size=(40, 4)).astype(np.float32)
    means = rng.normal(size=(40, 4)).astype(np.float32)
    confidences = rng.uniform(0.5, 2, size=len(row)).astype(np.float32) if confident else None

    solved = solve_rows(
        SparseRows(row, column, value, (40, 300), CPU, unknowns=4, confidences=confidences),
        torch.from_numpy(features),
        torch.from_numpy(offsets),
        Prior(torch.from_numpy(precision), torch.from_numpy(ridges), torch.from_numpy(means)),
        Workers(CPU, threads),
    ).numpy()

    for r in range(40):
        of_row, joint = row == r, precision + np.diag(ridges[r])
        expected = ridge.fold_in(
            features[column[of_row]],
            value[of_row] - offsets[column[of_row]],
            joint,
            confidences=None if confidences is None else confidences[of_row],
            mean=np.linalg.solve(joint, precision @ means[r]),  # of the product of both priors
        )
        if not of_row.any():
            expected = means[r]
        np.testing.assert_allclose(solved[r], expected, rtol=1e-3, atol=1e-4)


def test_with_noise_it_draws_from_the_posterior() -> None:
    """Of 20,000 equal rows: mean and covariance are those of the normal distribution."""
    rng = np.random.default_rng(3)
    copies, columns = 20_000, 3
    row, column = np.divmod(np.arange(copies * columns), columns)
    value = np.tile(np.array([1, -1, 2], dtype=np.float32), copies)
    features = rng.normal(size=(columns, 2)).astype(np.float32)
    precision = np.array([[2, 0.5], [0.5, 1]], dtype=np.float32)
    rows = SparseRows(row, column, value, (copies + 1, columns), CPU, unknowns=2)
    noise = torch.from_numpy(rng.normal(size=(copies + 1, 2)).astype(np.float32))
    drawn = solve_rows(
        rows,
        torch.from_numpy(features),
        torch.zeros(columns),
        Prior(torch.from_numpy(precision)),
        Workers(CPU, 2),
        noise,
    ).numpy()
    posterior = features.T @ features + precision
    expected = np.linalg.solve(posterior, features.T @ value[:columns])
    np.testing.assert_allclose(drawn[:-1].mean(axis=0), expected, atol=0.02)
    np.testing.assert_allclose(np.cov(drawn[:-1].T), np.linalg.inv(posterior), atol=0.02)
    factor = np.linalg.cholesky(precision)
    np.testing.assert_allclose(factor.T @ drawn[-1], noise[-1], atol=1e-5)  # a row without events


def test_chunks_hold_every_event_once_with_little_padding() -> None:
    rng = np.random.default_rng(2)
    lengths = np.minimum(rng.lognormal(3, 1.2, size=2000).astype(int), 900)
    row = np.repeat(np.arange(2000), lengths)
    column = np.concatenate([rng.choice(900, size=n, replace=False) for n in lengths])
    value = np.arange(1, len(row) + 1, dtype=np.float32)

    chunks = SparseRows(row, column, value, (2000, 900), CPU, unknowns=4).chunks

    stored = torch.cat([chunk.values[chunk.values > 0] for chunk in chunks]).numpy()
    np.testing.assert_array_equal(np.sort(stored), value)
    cells = sum(chunk.values.numel() for chunk in chunks)
    assert cells < 1.3 * len(row)
    assert max(chunk.values.numel() for chunk in chunks) <= CHUNK_CELLS
    assert all(bool((chunk.columns[chunk.values == 0] == 900).all()) for chunk in chunks)


def test_a_row_longer_than_a_chunk_is_a_chunk_of_its_own() -> None:
    count = CHUNK_CELLS + 5
    rows = SparseRows(
        np.zeros(count, dtype=int), np.arange(count), np.ones(count), (2, count), CPU, unknowns=1
    )
    solved = solve_rows(
        rows,
        torch.ones((count, 1)),
        torch.zeros(count),
        Prior(torch.tensor([[float(count)]])),
        Workers(CPU, 1),
    )
    assert solved[:, 0].tolist() == pytest.approx([0.5, 0])


def test_short_rows_with_many_unknowns_share_small_chunks() -> None:
    rows = np.arange(5000)
    few = SparseRows(rows, rows % 9, np.ones(5000), (5000, 9), CPU, unknowns=200).chunks
    assert max(len(chunk.rows) for chunk in few) * 201**2 <= CHUNK_GRAM_FLOATS
    assert sum(len(chunk.rows) for chunk in few) == 5000


def test_an_error_in_a_task_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no solution")

    with pytest.raises(ValueError, match="no solution"):
        Workers(CPU, 2).run([fail])
