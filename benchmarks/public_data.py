"""Public data sets as datasets of the trainer, from the folders that they are unpacked into.

None of them is part of this project. MovieLens: Harper & Konstan 2015, for non-commercial use;
Amazon reviews: Ni, Li & McAuley 2019, for research.
"""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.dataset import Dataset
from services.trainer.data.rating_scale import rating_scale
from services.trainer.splits.folds import read_fold
from services.trainer.splits.protocols import Split, given, split
from shared.arrays.types import Float64
from shared.artifacts.id_map import IdMap
from shared.database.event_types import EVENT_TYPES
from shared.scorers.histories import Interactions
from tests.trainer.datasets import bare_dataset

Column = NDArray[np.generic]
FOLDS = range(1, 6)


def dataset(
    users: Column,
    items: Column,
    ratings: Float64 | None = None,
    seconds: Column | None = None,
    catalogue: Column | None = None,
) -> Dataset:
    """The dataset of these rows, columns [n]: ids of any type, as their text; ratings, or else
    views; times in seconds since 1970, or else one moment. `catalogue` are the items that there
    are, where some have no row. Nothing is declared of anyone or anything: ids only."""
    user_ids, user_indices = _indexed(users, users)
    item_ids, item_indices = _indexed(items, items if catalogue is None else catalogue)
    rows = len(users)
    values = np.full(rows, np.nan) if ratings is None else ratings
    kind = EVENT_TYPES.index("view" if ratings is None else "rating")
    moments = np.zeros(rows) if seconds is None else seconds
    interactions = Interactions(
        user_indices=user_indices,
        item_indices=item_indices,
        event_codes=np.full(rows, kind, dtype=np.uint8),
        ratings=values,
        values=np.full(rows, np.nan),
        occurred_at=moments.astype(np.int64) * 1000,
    )
    return bare_dataset(user_ids, item_ids, interactions, scale=rating_scale(values, None))


def _indexed(column: Column, known: Column) -> tuple[IdMap, NDArray[np.int32]]:
    """The ids of what is known, and for each row of `column` the index of its own, int32[n]."""
    ids = IdMap.of(map(str, np.unique(known).tolist()))
    return ids, _found(ids, column).astype(np.int32)


def _found(ids: IdMap, values: Column) -> NDArray[np.int64]:
    """The indices of ids given in any type, of the same shape; each is looked for once."""
    distinct, which = np.unique(values, return_inverse=True)
    return ids.find_all(map(str, distinct.tolist()))[which].reshape(values.shape)


def ml_100k(folder: Path) -> Dataset:
    """MovieLens 100K, its rows in the order of u.data."""
    users, items, ratings, seconds = np.loadtxt(folder / "u.data", dtype=np.int64, ndmin=2).T
    return dataset(users, items, ratings.astype(np.float64), seconds)


def ml_100k_folds(everything: Dataset, folder: Path) -> list[Split]:
    """Its official five folds, u1 to u5, of a dataset that holds its rows."""
    return [given(everything, read_fold(folder / f"u{n}.test", everything)) for n in FOLDS]


def ml_1m(folder: Path) -> Dataset:
    """MovieLens 1M without times; pairs without a rating are left out."""
    with gzip.open(folder / "ratings.csv.gz", "rt", encoding="utf-8") as lines:
        table = np.genfromtxt(lines, delimiter=",", skip_header=1)
    users, items, ratings = table[~np.isnan(table[:, 2])].T
    return dataset(users.astype(np.int64), items.astype(np.int64), ratings)


def ml_latest_small(folder: Path) -> Dataset:
    """MovieLens latest-small: half stars, with times."""
    path = folder / "ratings.csv"
    users, items, ratings, seconds = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2).T
    return dataset(users.astype(np.int64), items.astype(np.int64), ratings, seconds)


def magazines(folder: Path) -> Dataset:
    """Amazon's magazine subscriptions: very few rows a user."""
    path = folder / "Magazine_Subscriptions.csv"
    items, users, ratings, seconds = np.loadtxt(path, delimiter=",", dtype=str, ndmin=2).T
    return dataset(users, items, ratings.astype(np.float64), seconds.astype(np.int64))


@dataclass(frozen=True)
class LeaveOneOut:
    """The protocol of Neural Collaborative Filtering (He et al. 2017) on MovieLens 1M: one item of
    each of `users` int64[n] is held out, `positives` int64[n], and stands against 99 given ones,
    `negatives` int64[n, 99]."""

    train: Dataset
    users: NDArray[np.int64]
    positives: NDArray[np.int64]
    negatives: NDArray[np.int64]

    def split(self) -> Split:
        """The training part beside no test rows: what is asked is no list."""
        nothing = np.zeros(len(self.train.interactions), dtype=np.bool_)
        return split(self.train, nothing, "one of 100")


def ncf_ml_1m(folder: Path) -> LeaveOneOut:
    """Its published files, ids from 0. Two of the held-out items have no row in training."""
    with gzip.open(folder / "ml-1m.train.pairs.tsv.gz", "rt", encoding="utf-8") as lines:
        users, items = np.loadtxt(lines, dtype=np.int64).T
    test = np.loadtxt(folder / "ml-1m.test.rating", dtype=np.int64)
    with gzip.open(folder / "ml-1m.test.negative.gz", "rt", encoding="utf-8") as lines:
        negatives = np.array([line.split("\t")[1:] for line in lines], dtype=np.int64)
    train = dataset(users, items, catalogue=np.concatenate([items, test[:, 1], negatives.ravel()]))
    return LeaveOneOut(
        train,
        _found(train.users, test[:, 0]),
        _found(train.items, test[:, 1]),
        _found(train.items, negatives),
    )


def three_quarters_of_each_item(everything: Dataset) -> Split:
    """The split of the Microsoft recommenders' benchmark: rows are shuffled, and of each item's
    the first 75 % are for training (`python_stratified_split` by item with seed 42)."""
    items = everything.interactions.item_indices
    drawn = np.random.RandomState(42).random_sample(len(items))  # theirs: the same numbers
    order = np.lexsort((drawn, items))
    sizes = np.bincount(items)
    before = np.cumsum(sizes) - sizes
    places = np.arange(1, len(items) + 1) - before[items[order]]
    held_out = np.empty(len(items), dtype=np.bool_)
    held_out[order] = places / sizes[items[order]] > 0.75
    return split(everything, held_out, "random 25% of each item's interactions")
