"""Protocols of the literature for predicted ratings."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks import public_data
from benchmarks.processes import run
from benchmarks.quality.bench import RATER, RATERS, Bench, mean
from benchmarks.quality.embedded import dataset_in, environment_in
from benchmarks.quality.lines import Goal, Line
from services.trainer.data.dataset import Dataset
from services.trainer.selection.evaluation import Examination
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split, random


def rated(bench: Bench, splits: list[Split], protocol: str, goal: Goal) -> Iterator[Line]:
    """The RMSE of each rating model, mean over splits and seeds."""
    for name in RATERS:
        runs = [bench.rmse(one, name, seed) for one in splits for seed in bench.seeds_of(name)]
        rmse, seconds = (mean(column) for column in zip(*runs, strict=True))
        yield Line(protocol, name, "RMSE", rmse, goal if name == RATER else None, seconds)


WITH_FEATURES = TrainerSettings(
    user_features=("age", "gender", "occupation"), item_features=("category", "release_date")
)


def with_features(folder: Path) -> Dataset:
    """MovieLens with what it says of users and items, imported and read as by the product."""
    with TemporaryDirectory() as scratch:
        environment = environment_in(Path(scratch))
        run(environment, "-m", "services.generator", "import", str(folder))
        return dataset_in(environment, WITH_FEATURES)


def q1(bench: Bench) -> Iterator[Line]:
    """ML-100K, the official five folds, ids only."""
    folder = bench.data / "ml-100k"
    splits = public_data.ml_100k_folds(public_data.ml_100k(folder), folder)
    yield from rated(bench, splits, "ML-100K u1–u5, ids only", Goal(0.902, 0.897, lower=True))


def q2(bench: Bench) -> Iterator[Line]:
    """The same with what the data says of users and items."""
    folder = bench.data / "ml-100k"
    splits = public_data.ml_100k_folds(with_features(folder), folder)
    goal = Goal(0.895, 0.889, lower=True)
    yield from rated(bench, splits, "ML-100K u1–u5, with features", goal)


def q3(bench: Bench) -> Iterator[Line]:
    """ML-1M, random 80/20, beside myFM; each on so many threads as were asked for, myFM on one."""
    everything = public_data.ml_1m(bench.data / "ml-1m")
    splits = [random(everything, 0.2, np.random.default_rng(seed)) for seed in range(bench.seeds)]
    one = Bench(bench.data, 1, bench.threads)
    protocol, ours = "ML-1M, random 80/20", []
    for line in rated(one, splits, protocol, Goal(0.842, 0.836, lower=True)):
        ours += [line.seconds or 0.0] if line.model == RATER else []
        yield line
    runs = [myfm_rmse(split, seed) for seed, split in enumerate(splits)]
    rmse, seconds = (mean(column) for column in zip(*runs, strict=True))
    yield Line(protocol, "myFM", "RMSE", rmse, seconds=seconds)
    ratio = ours[0] / seconds
    yield Line(protocol, RATER, "seconds / myFM's", ratio, Goal(1, 1, lower=True))


MYFM_RANK, MYFM_ITERATIONS = 20, 200  # the iterations of its tutorial; more rank than there


def myfm_rmse(split: Split, seed: int) -> tuple[float, float]:
    """Test RMSE and seconds of fitting of myFM's Gibbs sampler on user and item ids."""
    import myfm
    from scipy import sparse

    examination, shape = Examination(split), split.train.shape
    train = split.train.rated()

    def table(users: NDArray[np.int32], items: NDArray[np.int32]) -> sparse.csr_matrix:
        columns = np.stack([users, items + shape[0]], axis=1).ravel()
        rows = np.arange(0, len(columns) + 1, 2)
        return sparse.csr_matrix((np.ones(len(columns)), columns, rows), (len(users), sum(shape)))

    users, items, _ratings = examination.rated_pairs
    model = myfm.MyFMGibbsRegressor(rank=MYFM_RANK, random_seed=seed)
    begin = time.perf_counter()
    model.fit(
        table(train.user_indices, train.item_indices),
        train.values,
        n_iter=MYFM_ITERATIONS,
        group_shapes=list(shape),
    )
    seconds = time.perf_counter() - begin
    return examination.errors(model.predict(table(users, items))).errors()["rmse"], seconds
