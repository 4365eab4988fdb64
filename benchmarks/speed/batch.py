"""The best items of every user into a Parquet file, against the bare matrix products behind them.

python -m benchmarks batch
"""

import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import run
from benchmarks.report import Row
from benchmarks.speed.noise import RANK, publish_noise
from services.batch.parquet import write_parquet
from services.batch.ranking import BatchRanking
from services.batch.workers import CORES, in_order
from shared.artifacts import versions
from shared.artifacts.current import read_current
from shared.scorers import ImplicitFactorization

USERS, ITEMS = 100_000, 20_000
TOP_N = 50
TURNS = 3


def rows() -> list[Row]:
    """Publishes a version of noise in a temporary folder and makes the lists of all its users."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        # Elsewhere, as the peak of a process is at least what this one holds when it starts it.
        sizes = (folder, USERS, ITEMS)
        publishing = get_context("spawn").Process(target=publish_noise, args=sizes)
        publishing.start()
        publishing.join()
        return [_memory_row(folder), *_speed_rows(folder)]


def _speed_rows(folder: Path) -> Iterator[Row]:
    current = read_current(folder)
    assert current is not None  # or publishing has failed, and said why
    version = versions.read_version(folder, current.version)
    ranking = BatchRanking(version, TOP_N)
    products, batches = [], []
    for _turn in range(TURNS):  # in turn, so that both see the same machine
        products.append(_seconds_of_products(ranking))
        begin = time.perf_counter()
        write_parquet(folder / "lists.parquet", ranking.all_lists(), version.content, {})
        batches.append(time.perf_counter() - begin)
    ratio = median(b / p for b, p in zip(batches, products, strict=True))
    yield Row(
        f"top {TOP_N} of {USERS:,} users × {ITEMS:,} items, rank {RANK}, to Parquet",
        f"{ratio:.2f} × the bare products ({median(batches):.1f} s, {median(products):.1f} s)",
        "≤ 2 ×",
        ratio <= 2,
    )


def _seconds_of_products(ranking: BatchRanking) -> float:
    """The same blocks on the same threads, into memory that is there already."""
    ranker = ranking.version.ranker
    assert isinstance(ranker, ImplicitFactorization)
    blocks = ranking.blocks(np.arange(USERS))
    spare = [np.empty((len(blocks[0]), ITEMS), dtype=np.float32) for _thread in range(CORES)]

    def multiply(users: NDArray[np.int64]) -> None:
        scores = spare.pop()
        vectors = ranker.user_factors[users]
        np.matmul(vectors, ranker.item_factors.T, out=scores[: len(vectors)])
        spare.append(scores)

    begin = time.perf_counter()
    for _done in in_order(multiply, blocks):
        pass
    return time.perf_counter() - begin


def _memory_row(folder: Path) -> Row:
    process = run({"ARTIFACT_DIR": str(folder)}, "-m", "services.batch", "--top-n", str(TOP_N))
    return Row(
        f"the lists of {USERS:,} users, whole process, peak memory",
        f"{process.peak_mib:.0f} MiB ({process.seconds:.1f} s)",
    )
