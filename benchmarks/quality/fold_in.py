"""People whom no training has seen, against the same people trained in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import public_data
from benchmarks.quality.bench import RATER, Bench
from benchmarks.quality.lines import Goal, Line
from services.trainer.data.dataset import Dataset
from services.trainer.metrics.intervals import ratio_interval
from services.trainer.selection.evaluation import Evaluation
from services.trainer.splits.holdout import last_of_each_user
from services.trainer.splits.protocols import Split, split
from shared.arrays.types import Float32, Float64, Indices
from shared.artifacts.metrics import NDCG
from shared.scorers import Rater, Scorer
from shared.scorers.histories import Histories

STRANGERS, KNOWN, SEEDS = 0.1, 0.5, 5
PROTOCOL = "ML-100K, 10 % of users folded in from half"


@dataclass(frozen=True)
class FoldedIn:
    """A scorer that folds in the histories of users where it would take what it was trained to."""

    scorer: Scorer
    histories: Histories

    def vectors(self, user_indices: Indices) -> Float32:
        return np.stack([self.scorer.fold_in(self.histories[user]) for user in user_indices])

    def __getattr__(self, name: str) -> object:
        return getattr(self.scorer, name)


def folded(scorer: Scorer, histories: Histories) -> Scorer:
    folded_in: Scorer = FoldedIn(scorer, histories)  # type: ignore[assignment]  # by __getattr__
    return folded_in


def fold_in(bench: Bench) -> Iterator[Line]:
    """Strangers folded in, and what a fold-in changes for those who are known."""
    everything = public_data.ml_100k(bench.data / "ml-100k")
    yield from strangers(bench, everything)
    yield from known(bench, everything)


def strangers(bench: Bench, everything: Dataset) -> Iterator[Line]:
    """NDCG@10 of people folded in from half of their rows against trained in with it; the ranker
    is what MODEL=auto takes for the first seed, and each single one beside it."""
    splits = [_left_out(everything, np.random.default_rng(seed)) for seed in range(SEEDS)]
    settled = bench.settled(splits[0][0])
    for name, settings in settled.settings.items():
        if name in ("popularity", "bias"):
            continue
        trained, folded_in, owners = [], [], []
        for seed, (parts, without) in enumerate(splits):
            popularity = bench.popularity(parts.train)
            evaluation = Evaluation(parts)
            trained_in, _seconds = bench.fit(name, parts.train, seed, settings)
            untrained, _seconds = bench.fit(name, without, seed, settings)
            without_them = folded(
                untrained,
                without.weighting.histories(parts.train.interactions, len(parts.train.users)),
            )
            lists = [
                evaluation.evaluate_lists(scorer, popularity).measured
                for scorer in (trained_in, without_them)
            ]
            trained.append(lists[0].values[NDCG])
            folded_in.append(lists[1].values[NDCG])
            owners.append(np.unique(parts.test.user_indices))
        base, own = _by_user(owners, trained), _by_user(owners, folded_in)
        found = ratio_interval(base, own, np.random.default_rng(0))
        goal = Goal(0.97, 0.97) if name == settled.ranker else None
        note = f"ratio {found.mean:.4f}, to {found.high:.4f}"
        label = name + " (auto)" * (name == settled.ranker)
        yield Line(PROTOCOL, label, "NDCG@10 ratio, 95 % from", found.low, goal, note=note)


def _left_out(everything: Dataset, rng: np.random.Generator) -> tuple[Split, Dataset]:
    """The later half of some users' rows to measure with, all else to train on; and what is left
    of that without these users."""
    users = rng.choice(len(everything.users), round(STRANGERS * len(everything.users)), False)
    events = everything.interactions
    by_drawn_users = np.isin(events.user_indices, users)
    later = last_of_each_user(events.user_indices, events.occurred_at, 1 - KNOWN, rng)
    parts = split(everything, by_drawn_users & later, "the later half of a tenth of the users")
    return parts, everything.subset(~by_drawn_users)


def _by_user(owners: Sequence[Indices], values: Sequence[NDArray[np.floating]]) -> Float64:
    """The sum of each user's values: who was drawn for several seeds is one user."""
    _users, places = np.unique(np.concatenate(owners), return_inverse=True)
    return np.bincount(places, weights=np.concatenate(values)).astype(np.float64)


def known(bench: Bench, everything: Dataset) -> Iterator[Line]:
    """How far a trained vector is from the fold-in of the same history, and what of it is seen."""
    users = np.arange(len(everything.users))
    for name in ("als", "ials"):
        scorer, _seconds = bench.fit(name, everything)
        trained = scorer.vectors(users)
        vectors = folded(scorer, everything.histories).vectors(users)
        farthest = float(np.abs(trained - vectors).max())
        goal, note = Goal(1e-4, 1e-4, lower=True), f"{farthest:.1e}"
        yield Line("ML-100K, all users", name, "vectors differ by", farthest, goal, note=note)
    folder = bench.data / "ml-100k"
    u2 = public_data.ml_100k_folds(everything, folder)[1]
    rater, _seconds = bench.fit(RATER, u2.train)
    errors = [_rmse(u2, scorer) for scorer in (rater, folded(rater, u2.train.histories))]
    goal = Goal(0.002, 0.002, lower=True)
    difference = abs(errors[1] - errors[0])
    note = f"{errors[0]:.4f} trained, {errors[1]:.4f} folded in"
    yield Line("ML-100K u2", RATER, "RMSE differs by", difference, goal, note=note)


def _rmse(parts: Split, scorer: Scorer) -> float:
    assert isinstance(scorer, Rater)
    return Evaluation(parts).evaluate_ratings(scorer).rmse
