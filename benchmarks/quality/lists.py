"""Protocols of the literature for lists, and two of our own on public data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks import public_data
from benchmarks.quality.bench import LAST, Bench, Figures, Settled, mean
from benchmarks.quality.lines import Goal, Line
from services.trainer.data.dataset import Dataset
from services.trainer.metrics.intervals import Interval, paired_interval
from services.trainer.metrics.ranking import leave_one_out, leave_one_out_rank
from services.trainer.selection.evaluation import Examination
from services.trainer.splits.holdout import last_rows_of_each_user
from services.trainer.splits.protocols import Split, last_of_each_user, split
from shared.scorers import Scorer

AUTO = " (auto)"  # marks the model that MODEL=auto takes


def ranked(
    bench: Bench, one: Split, settled: Settled, protocol: str, goals: Mapping[str, Goal]
) -> Iterator[Line]:
    """The metrics with a goal of every ranker's lists over the whole catalogue."""
    examination = Examination(one)
    strangers = bench.popularity(one.train)

    def measure(scorer: Scorer) -> Figures:
        return examination.rank(scorer, strangers).measured.summary()

    yield from contest(bench, one.train, settled, measure, protocol, goals)


def contest(
    bench: Bench,
    train: Dataset,
    settled: Settled,
    measure: Callable[[Scorer], Figures],
    protocol: str,
    goals: Mapping[str, Goal],
) -> Iterator[Line]:
    """What `measure` says of every ranker, mean over seeds; first, with the goals, what auto
    takes."""
    chosen = settled.ranker
    for name in dict.fromkeys((chosen, *settled.settings)):
        own = settled.settings[name]
        runs = [bench.fit(name, train, seed, own) for seed in bench.seeds_of(name)]
        found = [measure(scorer) for scorer, _seconds in runs]
        seconds, label = mean(took for _scorer, took in runs), f"{name}{AUTO * (name == chosen)}"
        for metric, goal in goals.items():
            figure = mean(figures[metric] for figures in found)
            yield Line(protocol, label, metric, figure, goal if name == chosen else None, seconds)


def q4(bench: Bench) -> Iterator[Line]:
    """The leave-one-out protocol of Neural Collaborative Filtering on ML-1M."""
    data = public_data.ncf_ml_1m(bench.data / "ncf-ml-1m")
    goals = {"hit_rate@10": Goal(0.727, 0.735), "ndcg@10": Goal(0.449, 0.457)}
    measure = partial(among_negatives, data=data)
    settled = bench.settled(data.split())
    yield from contest(bench, data.train, settled, measure, "NCF's ML-1M, 1 of 100", goals)


def among_negatives(scorer: Scorer, data: public_data.LeaveOneOut) -> Figures:
    """HR@10 and NDCG@10 of the held-out items among their negatives."""
    ranks = []
    for rows in np.array_split(np.arange(len(data.users)), 1 + len(data.users) // 512):
        scores = scorer.score(scorer.vectors(data.users[rows]))
        positives, negatives = data.positives[rows], data.negatives[rows]
        of_positive = scores[np.arange(len(rows)), positives]
        of_negatives = np.take_along_axis(scores, negatives, axis=1)
        ranks.append(leave_one_out_rank(of_positive, of_negatives, positives, negatives))
    values = leave_one_out(np.concatenate(ranks), [10])
    return {name: float(column.mean()) for name, column in values.items()}


def q6(bench: Bench) -> Iterator[Line]:
    """ML-100K, 75/25 by item, as in the Microsoft recommenders' benchmark."""
    everything = public_data.ml_100k(bench.data / "ml-100k")
    goals = {"ndcg@10": Goal(0.485, 0.5), "precision@10": Goal(0.42, 0.435)}
    one = public_data.three_quarters_of_each_item(everything)
    settled = bench.settled(one)
    yield from ranked(bench, one, settled, "ML-100K 75/25 by item", goals)


def latest(bench: Bench) -> Iterator[Line]:
    """MovieLens latest-small, the last tenth of each user."""
    everything = public_data.ml_latest_small(bench.data / "ml-latest-small")
    one = last_of_each_user(everything, LAST, np.random.default_rng(0))
    protocol = "latest-small, last 10 % of each user"
    yield from against_popularity(bench, one, protocol, Goal(0, 1))


def magazines(bench: Bench) -> Iterator[Line]:
    """Amazon's magazines, the last row of each user who has several."""
    everything = public_data.magazines(bench.data / "amazon-magazines")
    events, rng = everything.interactions, np.random.default_rng(0)
    held_out = last_rows_of_each_user(events.user_indices, events.occurred_at, 1, rng)
    one = split(everything, held_out, "last row of each user")
    yield from against_popularity(bench, one, "Magazines, last row of each user", Goal(0, 0))


def against_popularity(bench: Bench, one: Split, protocol: str, gain: Goal) -> Iterator[Line]:
    """NDCG@10 of every ranker, and what auto's choice gains over popularity: 1 is twice as good.

    Where a gain above 0 is aimed at, the 95 % interval of the difference must lie above 0.
    """
    settled = bench.settled(one)
    lines = list(ranked(bench, one, settled, protocol, {"ndcg@10": gain}))
    yield from (replace(line, goal=None) for line in lines)
    label, figure = lines[0].model, lines[0].figure / figure_of("popularity", lines) - 1
    yield Line(protocol, label, "gain over popularity", figure, gain)
    found = difference(bench, Examination(one), settled)
    goal = Goal(0, 0) if gain.aim > 0 else None
    note = f"to {found.high:+.4f}"
    yield Line(protocol, label, "NDCG difference, 95 % from", found.low, goal, note=note)


def figure_of(name: str, lines: Iterable[Line]) -> float:
    """The figure of a model, whether auto takes it or not."""
    return next(line.figure for line in lines if line.model.removesuffix(AUTO) == name)


def difference(bench: Bench, examination: Examination, settled: Settled) -> Interval:
    """The difference in NDCG@10 of what auto takes to popularity."""
    popularity, name = bench.popularity(examination.train), settled.ranker
    scorer, _seconds = bench.fit(name, examination.train, settings=settled.settings[name])
    base, own = (
        examination.rank(one, popularity).measured.values["ndcg@10"] for one in (popularity, scorer)
    )
    return paired_interval(base, own, np.random.default_rng(0))
