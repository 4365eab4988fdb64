"""Rating error and time to fit on MovieLens 100K beside Surprise's SVD, split 80/20 at random.

python -m benchmarks ml_100k --ml-100k FOLDER
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np
import surprise
import torch
from numpy.typing import NDArray

from benchmarks import public_data
from benchmarks.report import Row
from services.trainer.models import als, bias
from services.trainer.models.solver import Workers
from services.trainer.selection.evaluation import Examination
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import random

SEEDS = range(5)
MAX_RMSE = 0.918
MAX_TIME_RATIO = 0.25

T = TypeVar("T")


def rows(folder: Path) -> list[Row]:
    """One split a seed; errors are means, times medians over the splits."""
    settings = TrainerSettings()
    workers = Workers(torch.device("cpu"), settings.threads)
    everything = public_data.ml_100k(folder)
    als.fit(everything, settings, workers)  # the first call pays for starting threads and BLAS
    measured: dict[str, list[tuple[float, float]]] = {"als": [], "bias": [], "surprise": []}
    for seed in SEEDS:
        parts = random(everything, 0.2, np.random.default_rng(seed))
        examination = Examination(parts)
        parts.train.rated()  # read before the clock runs, as for Surprise
        for name, fit in (("als", als.fit), ("bias", bias.fit)):
            seconds, rater = timed(partial(fit, parts.train, settings, workers))
            measured[name].append((seconds, examination.rate(rater).errors()["rmse"]))
        measured["surprise"].append(surprise_svd(examination, seed))
    return list(_rows({name: _summary(runs) for name, runs in measured.items()}))


def _summary(runs: list[tuple[float, float]]) -> tuple[float, float]:
    seconds, rmse = zip(*runs, strict=True)
    return median(seconds), float(np.mean(rmse))


def _rows(figures: dict[str, tuple[float, float]]) -> list[Row]:
    (als_seconds, als_rmse), (svd_seconds, svd_rmse) = figures["als"], figures["surprise"]
    ratio = als_seconds / svd_seconds
    return [
        Row("ML-100K 80/20, als, test RMSE", f"{als_rmse:.4f}", "≤ .918", als_rmse <= MAX_RMSE),
        Row("the same, biases alone", f"{figures['bias'][1]:.4f}"),
        Row(f"the same, SVD of Surprise {surprise.__version__}", f"{svd_rmse:.4f}"),
        Row(
            "ML-100K, time to fit als / Surprise's SVD",
            f"{ratio:.2f} ({als_seconds:.3f} s / {svd_seconds:.3f} s)",
            "≤ .25",
            ratio <= MAX_TIME_RATIO,
        ),
    ]


def surprise_svd(examination: Examination, seed: int) -> tuple[float, float]:
    """Seconds to fit and test RMSE of Surprise's SVD with its defaults."""
    train = examination.train.rated()
    dataset = surprise.Dataset(surprise.Reader(rating_scale=train.scale))
    trainset = dataset.construct_trainset(
        _triples(train.user_indices, train.item_indices, train.values)
    )
    model = surprise.SVD(random_state=seed)
    seconds, _fitted = timed(lambda: model.fit(trainset))
    predictions = model.test([triple[:3] for triple in _triples(*examination.rated_pairs)])
    return seconds, float(surprise.accuracy.rmse(predictions, verbose=False))


def _triples(*columns: NDArray[np.generic]) -> list[tuple[int, int, float, None]]:
    """User, item, rating and no time: what Surprise calls raw ratings."""
    return [(*row, None) for row in zip(*(c.tolist() for c in columns), strict=True)]


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds that `work` took, and what it returned."""
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result
