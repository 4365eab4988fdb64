"""solve_rows against one dense solve a row."""

import numpy as np
import pytest
import torch

from services.trainer.solver import CHUNK_CELLS, Prior, SparseRows, Workers, solve_rows

CPU = torch.device("cpu")


def random_matrix(
    rng: np.random.Generator, rows: int, columns: int, density: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    row, column = np.nonzero(rng.random((rows, columns)) < density)
    return row, column, rng.normal(size=len(row)).astype(np.float32)


@pytest.mark.parametrize("threads", [1, 2])
def test_every_row_is_its_ridge_regression(threads: int) -> None:
    rng = np.random.default_rng(1)
    density = rng.random((40, 1)) ** 2  # short and long rows, some empty
    row, column, value = random_matrix(rng, 40, 300, density)
    features = rng.normal(size=(300, 4)).astype(np.float32)
    offsets = rng.normal(size=300).astype(np.float32)
    penalty = np.array([1, 2, 3, 0.5], dtype=np.float32)
    per_event = np.array([0, 0.1, 0, 0.2], dtype=np.float32)

    solved = solve_rows(
        SparseRows(row, column, value, (40, 300), CPU),
        torch.from_numpy(features),
        torch.from_numpy(offsets),
        Prior(torch.from_numpy(penalty), torch.from_numpy(per_event)),
        Workers(CPU, threads),
    ).numpy()

    for r in range(40):
        x = features[column[row == r]].astype(np.float64)
        y = value[row == r] - offsets[column[row == r]]
        ridge = np.diag(penalty + len(y) * per_event)
        np.testing.assert_allclose(
            solved[r], np.linalg.solve(x.T @ x + ridge, x.T @ y), rtol=1e-3, atol=1e-4
        )


def test_chunks_hold_every_event_once_with_little_padding() -> None:
    rng = np.random.default_rng(2)
    lengths = np.minimum(rng.lognormal(3, 1.2, size=2000).astype(int), 900)
    row = np.repeat(np.arange(2000), lengths)
    column = np.concatenate([rng.choice(900, size=n, replace=False) for n in lengths])
    value = np.arange(1, len(row) + 1, dtype=np.float32)

    chunks = SparseRows(row, column, value, (2000, 900), CPU).chunks

    stored = torch.cat([chunk.values[chunk.values > 0] for chunk in chunks]).numpy()
    np.testing.assert_array_equal(np.sort(stored), value)
    cells = sum(chunk.values.numel() for chunk in chunks)
    assert cells < 1.3 * len(row)
    assert max(chunk.values.numel() for chunk in chunks) <= CHUNK_CELLS
    assert all(bool((chunk.columns[chunk.values == 0] == 900).all()) for chunk in chunks)


def test_a_row_longer_than_a_chunk_is_a_chunk_of_its_own() -> None:
    count = CHUNK_CELLS + 5
    rows = SparseRows(np.zeros(count, dtype=int), np.arange(count), np.ones(count), (2, count), CPU)
    solved = solve_rows(
        rows,
        torch.ones((count, 1)),
        torch.zeros(count),
        Prior(torch.tensor([float(count)]), torch.zeros(1)),
        Workers(CPU, 1),
    )
    assert solved[:, 0].tolist() == pytest.approx([0.5, 0])


def test_an_error_in_a_task_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no solution")

    with pytest.raises(ValueError, match="no solution"):
        Workers(CPU, 2).run([fail])
