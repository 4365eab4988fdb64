"""Models side by side: their figures over all folds, and how sure their differences are.

A figure is the mean over folds. Intervals and differences put all folds together and draw users,
each with all that was held out of theirs anywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from services.trainer.comparison.figures import (
    BeyondAccuracy,
    Compared,
    ComparedLists,
    ComparedRatings,
    ListSlices,
    RatingSlices,
)
from services.trainer.metrics.beyond_accuracy import beyond_accuracy
from services.trainer.metrics.intervals import (
    Interval,
    interval,
    paired_interval,
    paired_rmse_interval,
)
from services.trainer.metrics.slices import activity_slices, by_user, head_and_tail, recall_by_item
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import EvaluatedModel
from services.trainer.selection.quality import ListQuality, RatingQuality
from shared.arrays.types import Float64, Mask
from shared.artifacts.metrics import NDCG, PLACES, Difference, Ends, Figures
from shared.artifacts.truth import Truth

F = TypeVar("F", bound=Figures)

NOISE_FLOOR = "noise floor"
PLANTED = "planted choice"
COUNTS = ("ratings", "users")  # of all folds together


@dataclass(frozen=True)
class EvaluatedFold:
    """One fold: what was held out in it, and how good every model was.

    On generated data what was planted stands among them, as NOISE_FLOOR and PLANTED.
    """

    evaluation: Evaluation
    ratings: dict[str, RatingQuality]
    lists: dict[str, ListQuality]

    @classmethod
    def of(
        cls, evaluation: Evaluation, models: Mapping[str, EvaluatedModel], truth: Truth | None
    ) -> "EvaluatedFold":
        ratings = {n: m.ratings for n, m in models.items() if m.ratings is not None}
        lists = {n: m.lists for n, m in models.items() if m.lists is not None}
        if truth is not None:
            floor, planted = evaluation.planted(truth)
            ratings |= {NOISE_FLOOR: floor} if ratings else {}
            lists |= {PLANTED: planted} if lists else {}
        return cls(evaluation, ratings, lists)

    @cached_property
    def users(self) -> dict[str, Mask]:
        """Slices of all users, by what they did in training."""
        return activity_slices(self.evaluation.seen.sizes())

    @cached_property
    def listed(self) -> dict[str, Mask]:
        """The same slices of those users whose lists are evaluated."""
        return {name: users[self.evaluation.listed_users] for name, users in self.users.items()}

    @cached_property
    def items(self) -> dict[str, Mask]:
        """Slices of the items, by how many users have them in training."""
        return head_and_tail(self.evaluation.seen.popularity(self.evaluation.train.shape[1]))


def compare(
    folds: Sequence[EvaluatedFold], rng: np.random.Generator
) -> tuple[Compared[ComparedRatings], Compared[ComparedLists]]:
    """Every model's ratings and lists over all folds."""
    ratings = _ratings([fold for fold in folds if fold.ratings], rng)
    return ratings, _lists([fold for fold in folds if fold.lists], rng)


def _ratings(folds: Sequence[EvaluatedFold], rng: np.random.Generator) -> Compared[ComparedRatings]:
    names = _in_all([fold.ratings for fold in folds])
    together = {name: _together([fold.ratings[name] for fold in folds]) for name in names}
    rmse = {name: own.rmse for name, own in together.items() if name != NOISE_FLOOR}
    best = min(rmse, key=rmse.__getitem__, default=None)
    models = {}
    for name, own in together.items():
        errors = _mean_json([fold.ratings[name].errors() for fold in folds])
        ends = _ends(own.interval(rng))
        to_best = _errors_to(together[best], own, rng) if best not in (None, name) else None
        slices = _mean(RatingSlices, [_rating_slices(fold, name) for fold in folds])
        models[name] = ComparedRatings(**errors, interval=ends, to_best=to_best, slices=slices)
    return Compared(best=best, models=models)


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


def _errors_to(best: RatingQuality, own: RatingQuality, rng: np.random.Generator) -> Difference:
    """By how much the RMSE is above the best one, with its interval."""
    return _with_ends(paired_rmse_interval(best.squared, own.squared, best.counts, rng))


def _rating_slices(fold: EvaluatedFold, name: str) -> RatingSlices:
    slices = {part: fold.ratings[name].errors(users) for part, users in fold.users.items()}
    return RatingSlices.model_validate(slices)


def _lists(folds: Sequence[EvaluatedFold], rng: np.random.Generator) -> Compared[ComparedLists]:
    names = _in_all([fold.lists for fold in folds])
    ndcg = {name: _by_user(folds, name, NDCG) for name in names}
    means = {name: float(own.mean()) for name, own in ndcg.items() if name != PLANTED}
    best = max(means, key=means.__getitem__, default=None)
    models = {}
    for name, own in ndcg.items():
        accuracy = _mean_json([fold.lists[name].accuracy() for fold in folds])
        intervals = _intervals(folds, name, rng)
        to_best = (
            _with_ends(paired_interval(ndcg[best], own, rng)) if best not in (None, name) else None
        )
        shown = _mean(BeyondAccuracy, [_shown(fold, name) for fold in folds])
        slices = _mean(ListSlices, [_list_slices(fold, name) for fold in folds])
        compared = {"intervals": intervals, "to_best": to_best, "shown": shown, "slices": slices}
        models[name] = ComparedLists.model_validate(accuracy | compared)
    return Compared(best=best, models=models)


def _by_user(folds: Sequence[EvaluatedFold], name: str, metric: str) -> Float64:
    """Each evaluated user's mean over folds, float64[users evaluated anywhere]."""
    n_users = folds[0].evaluation.train.shape[0]
    totals, counts = np.zeros(n_users), np.zeros(n_users)
    for fold in folds:
        totals[fold.evaluation.listed_users] += fold.lists[name].measured.values[metric]
        counts[fold.evaluation.listed_users] += 1
    return totals[counts > 0] / counts[counts > 0]


def _intervals(
    folds: Sequence[EvaluatedFold], name: str, rng: np.random.Generator
) -> dict[str, Ends]:
    """Of NDCG at each k."""
    metrics = [f"ndcg@{k}" for k in folds[0].evaluation.ks]
    return {metric: _ends(interval(_by_user(folds, name, metric), rng)) for metric in metrics}


def _shown(fold: EvaluatedFold, name: str) -> BeyondAccuracy:
    evaluation = fold.evaluation
    n_items = evaluation.train.shape[1]
    shown = beyond_accuracy(fold.lists[name].lists, PLACES, evaluation.seen, n_items)
    return BeyondAccuracy.model_validate(shown)


def _list_slices(fold: EvaluatedFold, name: str) -> ListSlices:
    quality, evaluation = fold.lists[name], fold.evaluation
    relevant = evaluation.relevant.of(evaluation.listed_users)
    recall = recall_by_item(quality.lists, relevant, fold.items, [PLACES])
    return ListSlices.model_validate(by_user(quality.measured, fold.listed) | recall)


def _mean(kind: type[F], by_fold: Sequence[F]) -> F:
    """The mean of each figure over the folds that have it; counts are added up."""
    return kind.model_validate(_mean_json(by_fold))


def _mean_json(by_fold: Iterable[Figures]) -> dict[str, Any]:
    return _mean_of([figures.as_json() for figures in by_fold])


def _mean_of(by_fold: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for figures in by_fold for name in figures)
    values = {name: [figures[name] for figures in by_fold if name in figures] for name in names}
    return {name: _mean_figure(name, column) for name, column in values.items()}


def _mean_figure(name: str, column: Sequence[Any]) -> Any:
    if isinstance(column[0], dict):
        return _mean_of(column)
    return sum(column) if name in COUNTS else float(np.mean(column))


def _ends(found: Interval) -> Ends:
    return found.low, found.high


def _with_ends(found: Interval) -> Difference:
    return found.mean, found.low, found.high
