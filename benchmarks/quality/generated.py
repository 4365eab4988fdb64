"""Generated data: models beside what was planted in it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.processes import run
from benchmarks.quality import planted_sampler
from benchmarks.quality.bench import LAST, RATER, RATERS, Bench, mean
from benchmarks.quality.embedded import DATABASE, dataset_in, environment_in
from benchmarks.quality.lines import Goal, Line
from benchmarks.quality.lists import figure_of, ranked
from services.trainer.selection.evaluation import Examination
from services.trainer.splits.protocols import Split, last_of_each_user
from shared.artifacts.current import read_current
from shared.artifacts.segments import Segment
from shared.artifacts.truth import Truth, read_truth
from shared.artifacts.versions import read_version

PROTOCOL = "generated, last 10 % of each user"
PLANTED_TYPES = 3


def generated(bench: Bench) -> Iterator[Line]:
    """The default generated data beside what was planted in it."""
    with TemporaryDirectory() as scratch:
        environment = environment_in(Path(scratch))
        run(environment, "-m", "services.generator", "generate")
        everything = dataset_in(environment)
        truth = read_truth(Path(environment["ARTIFACT_DIR"]), everything.summary.content_hash)
    assert truth is not None
    one = last_of_each_user(everything, LAST, np.random.default_rng(0))
    yield from _beside_planted_ratings(bench, Examination(one), truth)
    yield from _beside_planted_lists(bench, one, truth)


def _beside_planted_ratings(bench: Bench, examination: Examination, truth: Truth) -> Iterator[Line]:
    floor = examination.planted(truth)[0].errors()["mse"]
    yield Line(PROTOCOL, "noise floor", "MSE", floor)
    excess = {}
    for name in RATERS:
        runs = [bench.rmse(examination.split, name, seed) for seed in bench.seeds_of(name)]
        excess[name] = mean(rmse**2 for rmse, _seconds in runs) - floor
        seconds = mean(took for _rmse, took in runs)
        yield Line(PROTOCOL, name, "MSE above floor", excess[name], seconds=seconds)
    told = [planted_sampler.predict(examination, truth, seed) for seed in range(bench.seeds)]
    best = mean(examination.errors(one).errors()["mse"] for one in told) - floor
    yield Line(PROTOCOL, "sampler told what is planted", "MSE above floor", best)
    goal = Goal(1.1, 1.1, lower=True)
    yield Line(PROTOCOL, RATER, "the same / that sampler's", excess[RATER] / best, goal)


def _beside_planted_lists(bench: Bench, one: Split, truth: Truth) -> Iterator[Line]:
    planted = Examination(one).planted(truth)[1].measured.summary()["ndcg@10"]
    yield Line(PROTOCOL, "planted choice", "ndcg@10", planted)
    settled = bench.settled(one)
    lines = list(ranked(bench, one, settled, PROTOCOL, {"ndcg@10": Goal(0, 0)}))
    yield from (replace(line, goal=None) for line in lines)
    label, figure, base = lines[0].model, lines[0].figure, figure_of("popularity", lines)
    share, multiple = Goal(0.75, 0.75), Goal(2, 2)
    yield Line(PROTOCOL, label, "ndcg@10 / planted choice's", figure / planted, share)
    yield Line(PROTOCOL, label, "ndcg@10 / popularity's", figure / base, multiple)


def groups(bench: Bench) -> Iterator[Line]:
    """The segments of a training on generated data, beside the planted types of users."""
    with TemporaryDirectory() as scratch:
        environment = environment_in(Path(scratch)) | {"THREADS": str(bench.threads)}
        run(environment, "-m", "services.generator", "generate")
        run(environment, "-m", "services.trainer")
        segments, labels, planted = _segments(Path(scratch), Path(environment["ARTIFACT_DIR"]))
    protocol, names = "generated, default", "; ".join(segment.name for segment in segments)
    off = abs(len(segments) - PLANTED_TYPES)
    goal = Goal(0, 0, lower=True)
    yield Line(protocol, "segments", f"groups off {PLANTED_TYPES}", off, goal, note=names)
    agreement = adjusted_rand_index(labels, planted)
    yield Line(protocol, "segments", "adjusted Rand index", agreement, Goal(0.95, 0.95))


def _segments(
    folder: Path, artifacts: Path
) -> tuple[list[Segment], NDArray[np.int16], NDArray[np.str_]]:
    """The segments of the current version, and of each user in one the label and declared type."""
    current = read_current(artifacts)
    assert current is not None
    content = read_version(artifacts, current.version).content
    assert content.segments is not None
    types = user_types(folder / DATABASE)
    planted = np.array([types[user_id] for user_id in content.users])
    known = content.segments.labels >= 0
    return content.segments.segments, content.segments.labels[known].copy(), planted[known]


def user_types(path: Path) -> dict[str, str]:
    """The declared type of each generated user."""
    query = "SELECT user_id, json_extract(attributes, '$.user_type') FROM users"
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute(query).fetchall())


def adjusted_rand_index(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    """How two groupings of the same things agree: 1 fully, 0 as by chance (Hubert & Arabie 1985).

    ValueError where both put everything into one group: nothing can be said then.
    """
    first, second = (np.unique(labels, return_inverse=True)[1] for labels in (a, b))
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)
    together, of_first, of_second = (
        float((counts * (counts - 1) / 2).sum())
        for counts in (table, table.sum(axis=1), table.sum(axis=0))
    )
    by_chance = of_first * of_second / (len(a) * (len(a) - 1) / 2)
    most = (of_first + of_second) / 2
    if most == by_chance:
        raise ValueError("two groupings without any groups cannot be compared")
    return (together - by_chance) / (most - by_chance)
