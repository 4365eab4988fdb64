"""People of whom nothing is known but what they declare: the first list that they get."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.quality.bench import Bench
from benchmarks.quality.lines import Goal, Line
from benchmarks.quality.ratings import with_features
from services.trainer.data.dataset import Dataset
from services.trainer.metrics.intervals import paired_interval
from services.trainer.selection.evaluation import Examination
from services.trainer.splits.protocols import Split, split
from shared.arrays.types import Float64
from shared.scorers import Popularity

FOLDS = 5  # each user is a stranger once
PROTOCOL = "ML-100K, a fifth of users unseen, 5 times"
METRIC = "ndcg@10"


def strangers(bench: Bench) -> Iterator[Line]:
    """NDCG@10 of lists for people whom no training has seen, by popularity and by popularity with
    people like them (gender, age, occupation); what attributes bring when they belong to others."""
    everything = with_features(bench.data / "ml-100k")
    plain, lifted = _compared(bench, everything)
    yield Line(PROTOCOL, "popularity", "NDCG@10", float(plain.mean()))
    yield Line(PROTOCOL, "popularity, with attributes", "NDCG@10", float(lifted.mean()))
    gain = paired_interval(plain, lifted, np.random.default_rng(0))
    yield Line(
        PROTOCOL,
        "attributes",
        "gain, 95 % from",
        gain.low,
        Goal(0, 0.01),
        note=f"mean {gain.mean:+.4f}, to {gain.high:+.4f}",
    )
    plain, lifted = _compared(bench, _shuffled(everything))
    loss = float((lifted - plain).mean())
    yield Line(PROTOCOL, "attributes of others", "mean gain", loss, Goal(-0.001, 0))


def _compared(bench: Bench, everything: Dataset) -> tuple[Float64, ...]:
    """NDCG@10 of everyone as a stranger, float64[users], without and with their attributes."""
    values: list[tuple[Float64, ...]] = []
    for one in _folds(everything, np.random.default_rng(0)):
        scorer, examination = bench.popularity(one.train), Examination(one)
        values.append(
            tuple(
                examination.rank(served, served).measured.values[METRIC]
                for served in (_alike(scorer), scorer)
            )
        )
    plain, lifted = (np.concatenate(column) for column in zip(*values, strict=True))
    return plain, lifted


def _folds(everything: Dataset, rng: np.random.Generator) -> Iterator[Split]:
    """All rows of some users to measure with, and those of the others to train on."""
    fold_of = rng.permutation(len(everything.users)) % FOLDS
    for fold in range(FOLDS):
        held_out = fold_of[everything.interactions.user_indices] == fold
        yield split(everything, held_out, PROTOCOL)


def _alike(scorer: Popularity) -> Popularity:
    """The same list for everyone."""
    return replace(scorer, lifts=np.zeros_like(scorer.lifts))


def _shuffled(everything: Dataset) -> Dataset:
    """Everyone with the attributes of somebody else: they say nothing."""
    values = np.random.default_rng(0).permutation(everything.of_users.values)
    return replace(everything, of_users=replace(everything.of_users, values=values))
