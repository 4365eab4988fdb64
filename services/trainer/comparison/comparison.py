"""Models side by side: their figures over all folds, and how sure their differences are.

A figure is the mean over folds. Intervals and differences put all folds together and draw users,
each with all that was held out of theirs anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from services.trainer.metrics.beyond_accuracy import beyond_accuracy
from services.trainer.metrics.intervals import (
    Interval,
    interval,
    paired_interval,
    paired_rmse_interval,
)
from services.trainer.metrics.ranking import Summary
from services.trainer.metrics.slices import activity_slices, by_user, head_and_tail, recall_by_item
from services.trainer.selection.evaluation import (
    Examination,
    ListQuality,
    Metrics,
    RatingQuality,
    Trial,
)
from shared.arrays.types import Float64, Mask
from shared.artifacts.truth import Truth

NOISE_FLOOR = "noise floor"
PLANTED = "planted choice"
PLACES = 10  # of a list: what decides which ranker is the best, and what slices are measured at


@dataclass(frozen=True)
class Examined:
    """One fold: what was asked in it, and how every model answered.

    On generated data what was planted stands among them, as NOISE_FLOOR and PLANTED.
    """

    examination: Examination
    ratings: dict[str, RatingQuality]
    lists: dict[str, ListQuality]

    @classmethod
    def of(
        cls, examination: Examination, trials: Mapping[str, Trial], truth: Truth | None
    ) -> "Examined":
        ratings = {n: t.ratings for n, t in trials.items() if t.ratings is not None}
        lists = {n: t.lists for n, t in trials.items() if t.lists is not None}
        if truth is not None:
            floor, planted = examination.planted(truth)
            ratings |= {NOISE_FLOOR: floor} if ratings else {}
            lists |= {PLANTED: planted} if lists else {}
        return cls(examination, ratings, lists)

    @cached_property
    def users(self) -> dict[str, Mask]:
        """Slices of all users, by what they did in training."""
        return activity_slices(self.examination.seen.sizes())

    @cached_property
    def listed(self) -> dict[str, Mask]:
        """The same slices of those users whose lists are measured."""
        return {name: users[self.examination.listed_users] for name, users in self.users.items()}

    @cached_property
    def items(self) -> dict[str, Mask]:
        """Slices of the items, by how many users have them in training."""
        return head_and_tail(self.examination.seen.popularity(self.examination.train.shape[1]))


def compare(folds: Sequence[Examined], rng: np.random.Generator) -> Metrics:
    """Every model's figures, by role: "ratings" and "lists", each with the "best" model and all
    "models" by name; None and none where nothing could be measured."""
    return {
        "ratings": _ratings([fold for fold in folds if fold.ratings], rng),
        "lists": _lists([fold for fold in folds if fold.lists], rng),
    }


def _ratings(folds: Sequence[Examined], rng: np.random.Generator) -> Metrics:
    names = _in_all([fold.ratings for fold in folds])
    together = {name: _together([fold.ratings[name] for fold in folds]) for name in names}
    rmse = {n: own.errors()["rmse"] for n, own in together.items() if n != NOISE_FLOOR}
    best = min(rmse, key=rmse.__getitem__, default=None)
    models = {
        name: _mean([fold.ratings[name].errors() for fold in folds])
        | {"interval": _ends(own.interval(rng))}
        | {"to_best": _errors_to(together[best], own, rng) if best not in (None, name) else None}
        | {"slices": _mean_slices([_errors_by_user(fold, name) for fold in folds])}
        for name, own in together.items()
    }
    return {"best": best, "models": models}


def _in_all(folds: Sequence[Mapping[str, object]]) -> list[str]:
    """The models that every fold has: one that diverged in a fold has no mean."""
    return [name for name in folds[0] if all(name in fold for fold in folds)] if folds else []


def _together(parts: Sequence[RatingQuality]) -> RatingQuality:
    """The errors of several folds of the same users as if of one."""
    return RatingQuality(
        squared=np.sum([part.squared for part in parts], axis=0),
        absolute=np.sum([part.absolute for part in parts], axis=0),
        counts=np.sum([part.counts for part in parts], axis=0),
    )


def _errors_to(best: RatingQuality, own: RatingQuality, rng: np.random.Generator) -> list[float]:
    """By how much the RMSE is above the best one, with its interval."""
    return _row(paired_rmse_interval(best.squared, own.squared, best.counts, rng))


def _errors_by_user(fold: Examined, name: str) -> dict[str, Summary]:
    return {part: fold.ratings[name].errors(users) for part, users in fold.users.items()}


def _lists(folds: Sequence[Examined], rng: np.random.Generator) -> Metrics:
    names = _in_all([fold.lists for fold in folds])
    ndcg = {name: _by_user(folds, name, f"ndcg@{PLACES}") for name in names}
    means = {name: float(own.mean()) for name, own in ndcg.items() if name != PLANTED}
    best = max(means, key=means.__getitem__, default=None)
    models = {
        name: _mean([fold.lists[name].measured.summary() for fold in folds])
        | {"intervals": _intervals(folds, name, rng)}
        | {
            "to_best": _row(paired_interval(ndcg[best], own, rng))
            if best not in (None, name)
            else None
        }
        | {"shown": _mean([_shown(fold, name) for fold in folds])}
        | {"slices": _mean_slices([_list_slices(fold, name) for fold in folds])}
        for name, own in ndcg.items()
    }
    return {"best": best, "models": models}


def _by_user(folds: Sequence[Examined], name: str, metric: str) -> Float64:
    """Each measured user's mean over folds, float64[users measured anywhere]."""
    users = folds[0].examination.train.shape[0]
    totals, counts = np.zeros(users), np.zeros(users)
    for fold in folds:
        totals[fold.examination.listed_users] += fold.lists[name].measured.values[metric]
        counts[fold.examination.listed_users] += 1
    return totals[counts > 0] / counts[counts > 0]


def _intervals(
    folds: Sequence[Examined], name: str, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Of NDCG at each k."""
    metrics = [f"ndcg@{k}" for k in folds[0].examination.ks]
    return {metric: _ends(interval(_by_user(folds, name, metric), rng)) for metric in metrics}


def _shown(fold: Examined, name: str) -> Summary:
    examination = fold.examination
    items = examination.train.shape[1]
    return beyond_accuracy(fold.lists[name].lists, PLACES, examination.seen, items)


def _list_slices(fold: Examined, name: str) -> dict[str, Summary]:
    quality, examination = fold.lists[name], fold.examination
    relevant = examination.relevant.of(examination.listed_users)
    found = recall_by_item(quality.lists, relevant, fold.items, [PLACES])
    return by_user(quality.measured, fold.listed) | found


def _mean_slices(by_fold: Sequence[Mapping[str, Summary]]) -> dict[str, Summary]:
    return {name: _mean([slices[name] for slices in by_fold]) for name in by_fold[0]}


def _mean(by_fold: Sequence[Mapping[str, Any]]) -> Metrics:
    """The mean of each figure over the folds that have it; counts are added up."""
    names = dict.fromkeys(name for figures in by_fold for name in figures)
    values = {name: [figures[name] for figures in by_fold if name in figures] for name in names}
    return {
        name: sum(column) if name in ("ratings", "users") else float(np.mean(column))
        for name, column in values.items()
    }


def _ends(found: Interval) -> list[float]:
    return [found.low, found.high]


def _row(found: Interval) -> list[float]:
    return [found.mean, found.low, found.high]
