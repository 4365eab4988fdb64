"""The best items of every user into a Parquet file, against the bare matrix products behind them.

python -m benchmarks batch
"""

import datetime as dt
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
from services.batch.parquet import write_parquet
from services.batch.ranking import BatchRanking
from services.batch.workers import CORES, in_order
from shared.arrays.types import Float32
from shared.artifacts import versions
from shared.artifacts.content import Content
from shared.artifacts.current import activate, read_current
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.database.event_types import EVENT_TYPES
from shared.scorers import ImplicitFactorization
from shared.scorers.features import FeatureEncoder
from shared.scorers.histories import Histories, Interactions, Weighting

USERS, ITEMS, RANK, SEEN = 100_000, 20_000, 64, 20
TOP_N = 50
TURNS = 3
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def rows() -> list[Row]:
    """Publishes a version of noise in a temporary folder and makes the lists of all its users."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        # Elsewhere, as the peak of a process is at least what this one holds when it starts it.
        publishing = get_context("spawn").Process(target=_publish, args=(folder,))
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


def _publish(artifact_dir: Path) -> None:
    """A version of what nobody wants: factors and histories by chance."""
    rng = np.random.default_rng(0)
    histories = _histories(rng)
    release = versions.Release(
        Content(
            users=IdMap.of(f"U{number}" for number in range(USERS)),
            items=IdMap.of(f"I{number}" for number in range(ITEMS)),
            titles=TextColumn.of([""] * ITEMS),
            categories=TextColumn.of([""] * ITEMS),
            is_active=rng.random(ITEMS) < 0.95,
            item_features=np.empty((ITEMS, 0), dtype=np.float32),
            popularity=rng.random(ITEMS, dtype=np.float32),
            lifts=np.empty((0, ITEMS), dtype=np.float32),
            histories=histories,
            models={"ials": _factorization(rng)},
        ),
        data=versions.DataSummary(
            rows=len(histories.item_indices),
            last_id=len(histories.item_indices),
            content_hash="0" * 32,
            rating_scale=None,
        ),
        weighting=Weighting(),
        user_features=FeatureEncoder(),
        item_features=FeatureEncoder(),
        rating_model=None,
        ranker="ials",
        settings={},
        metrics={},
    )
    manifest = versions.publish(artifact_dir, release, lambda _manifest: "", NOW)
    activate(artifact_dir, manifest.version, reason="benchmark", now=NOW)


def _histories(rng: np.random.Generator) -> Histories:
    """SEEN views of a user, of one or another item."""
    views = USERS * SEEN
    interactions = Interactions(
        user_indices=np.repeat(np.arange(USERS, dtype=np.int32), SEEN),
        item_indices=rng.integers(0, ITEMS, views, dtype=np.int32),
        event_codes=np.full(views, EVENT_TYPES.index("view"), dtype=np.uint8),
        ratings=np.full(views, np.nan),
        values=np.full(views, np.nan),
        occurred_at=np.arange(views),
    )
    return Weighting().histories(interactions, USERS)


def _factorization(rng: np.random.Generator) -> ImplicitFactorization:
    def normal(rows: int) -> Float32:
        return rng.standard_normal((rows, RANK), dtype=np.float32)

    return ImplicitFactorization(
        user_factors=normal(USERS),
        item_factors=normal(ITEMS),
        gram=np.eye(RANK, dtype=np.float32),
        penalty=np.ones(2, dtype=np.float32),
        recency=np.array([np.inf], dtype=np.float32),
    )
