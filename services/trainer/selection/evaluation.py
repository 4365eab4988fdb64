"""Measures models on interactions that they have not seen, beside baselines and what was planted.

Everything is predicted through the numpy scorers that serve, lists over the whole catalogue.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.trainer.data.dataset import Dataset
from services.trainer.data.item_sets import ItemSets
from services.trainer.metrics.intervals import Interval, interval, rmse_interval
from services.trainer.metrics.ranking import RankingMetrics, evaluate_lists
from services.trainer.metrics.top_items import top_items
from services.trainer.models import SCORER_TYPES, DivergedError, ease, popularity
from services.trainer.models.solver import Workers
from services.trainer.selection.variants import variants
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split
from shared.arrays.types import Float32, Float64, Mask
from shared.artifacts.truth import Truth
from shared.scorers import (
    Blend,
    ImplicitFactorization,
    ItemWeights,
    Popularity,
    Rater,
    Scorer,
)
from shared.scorers.choice import ServedScores
from shared.scorers.histories import pair_keys

logger = logging.getLogger(__name__)

Metrics = dict[str, Any]
BLOCK_USERS = 512  # score rows at a time: 40 MB at 20,000 items


@dataclass(frozen=True)
class RatingQuality:
    """The errors of clipped predictions, summed by user: float64[users] and int64[users]."""

    squared: Float64
    absolute: Float64
    counts: NDArray[np.int64]

    def errors(self, users: Mask | None = None) -> Metrics:
        """RMSE, MSE and MAE; of the users of a slice. Without ratings only "ratings": 0."""
        chosen = slice(None) if users is None else users
        count = int(self.counts[chosen].sum())
        if not count:
            return {"ratings": 0}
        mse = float(self.squared[chosen].sum() / count)
        mae = float(self.absolute[chosen].sum() / count)
        return {"ratings": count, "rmse": mse**0.5, "mse": mse, "mae": mae}

    def interval(self, rng: np.random.Generator) -> Interval:
        """Of the RMSE, over users."""
        return rmse_interval(self.squared, self.counts, rng)


@dataclass(frozen=True)
class ListQuality:
    """The lists of the measured users, int64[users, places], and what they are worth."""

    lists: NDArray[np.int64]
    measured: RankingMetrics

    def interval(self, rng: np.random.Generator, metric: str = "ndcg@10") -> Interval:
        """Of a metric's mean, over users."""
        return interval(self.measured.values[metric], rng)


@dataclass(frozen=True)
class Trial:
    """One model fitted to a split's training part, and how good it is in each of its roles.

    `settings` are those that make it, `seconds` what that took.
    """

    scorer: Scorer
    settings: TrainerSettings
    seconds: float
    ratings: RatingQuality | None
    lists: ListQuality | None

    def loss(self, role: str) -> float | None:
        """RMSE of ratings, 1 - NDCG@10 of lists; None where it was not measured."""
        if role == "rating":
            return None if self.ratings is None else float(self.ratings.errors()["rmse"])
        if self.lists is None:
            return None
        return 1 - float(self.lists.measured.values["ndcg@10"].mean())


class Examination:
    """What models are asked in a split: the ratings and the items to find, prepared once.

    Only items that are active can be found, and only ones that are new to the user.
    """

    def __init__(self, split: Split, ks: Iterable[int] = (10,)) -> None:
        self.split = split
        self.ks = tuple(ks)
        self._test = split.train.weighting.histories(split.test, split.train.shape[0])

    @property
    def train(self) -> Dataset:
        return self.split.train

    @cached_property
    def rated_pairs(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Float32]:
        """Users, items and ratings of the test part, by user."""
        rated = ~np.isnan(self._test.ratings)
        users, items = self._test.user_indices(), self._test.item_indices
        return users[rated], items[rated], self._test.ratings[rated]

    @cached_property
    def relevant(self) -> ItemSets:
        """What each user came to want, new and active, for all users of the dataset."""
        users, items = self.train.shape
        histories = self.train.histories
        seen = pair_keys(histories.user_indices(), histories.item_indices, items)
        owners, wanted = self._test.user_indices(), self._test.item_indices
        new = ~np.isin(pair_keys(owners, wanted, items), seen)
        counts = new & self._test.preferences & (self._test.confidences > 0)
        counts &= self.train.is_active[wanted]
        return ItemSets.from_pairs(owners[counts], wanted[counts], users)

    @cached_property
    def seen(self) -> ItemSets:
        histories = self.train.histories
        return ItemSets(histories.offsets, histories.item_indices)

    @cached_property
    def listed_users(self) -> NDArray[np.int64]:
        """Who has something to find, int64[n]."""
        return np.flatnonzero(self.relevant.sizes())

    def rate(self, rater: Rater) -> RatingQuality:
        """How far a rating model's clipped predictions are off."""
        predicted = np.concatenate([np.empty(0, dtype=np.float32), *self._ratings_by(rater)])
        return self.errors(predicted)

    def _ratings_by(self, rater: Rater) -> Iterator[Float32]:
        users, items, _ratings = self.rated_pairs
        begins = np.searchsorted(
            users, np.arange(0, self.train.shape[0] + BLOCK_USERS, BLOCK_USERS)
        )
        for begin, end in pairwise(begins.tolist()):
            if begin < end:
                distinct, which = np.unique(users[begin:end], return_inverse=True)
                yield rater.rate(rater.vectors(distinct)[which], items[begin:end])

    def errors(self, predicted: NDArray[np.floating]) -> RatingQuality:
        """The errors of predictions for `rated_pairs`, clipped to the scale."""
        users, _items, ratings = self.rated_pairs
        error = self.train.summary.on_scale(predicted).astype(np.float64) - ratings
        count = self.train.shape[0]
        return RatingQuality(
            squared=_sums(users, error**2, count),
            absolute=_sums(users, np.abs(error), count),
            counts=np.bincount(users, minlength=count),
        )

    def rank(self, scorer: Scorer, strangers: Popularity) -> ListQuality:
        """What the lists of a model are worth; `strangers` serves whom it does not know."""
        served = ServedScores(scorer, strangers, self.train.histories)
        return self.rank_scores(served.of(users) for users in self._blocks())

    def _blocks(self) -> Iterator[NDArray[np.int64]]:
        for begin in range(0, len(self.listed_users), BLOCK_USERS):
            yield self.listed_users[begin : begin + BLOCK_USERS]

    def rank_scores(self, blocks: Iterable[NDArray[np.floating]]) -> ListQuality:
        """What lists by these scores [n, items] of each block of `listed_users` are worth."""
        deepest = max(self.ks)
        lists = [
            top_items(scores, deepest, self.seen.of(users), self.train.is_active)
            for scores, users in zip(blocks, self._blocks(), strict=True)
        ]
        all_lists = np.concatenate([np.empty((0, deepest), dtype=np.int64), *lists])
        relevant = self.relevant.of(self.listed_users)
        return ListQuality(all_lists, evaluate_lists(all_lists, relevant, self.ks))

    def planted(self, truth: Truth) -> tuple[RatingQuality, ListQuality]:
        """How good whoever knows the generated data's truth can be: its expected ratings, and
        lists by the planted propensity."""
        users = truth.users.find_all(self.train.users)
        items = truth.items.find_all(self.train.items)
        rated_users, rated_items, _ratings = self.rated_pairs
        expected = truth.expected_rating(users[rated_users], items[rated_items])
        propensities = (truth.propensity(users[block])[:, items] for block in self._blocks())
        return self.errors(expected), self.rank_scores(propensities)

    def planted_noise(self, truth: Truth) -> float:
        """The MSE that the floor would have with many ratings: their mean planted variance."""
        users = truth.users.find_all(self.train.users)[self.rated_pairs[0]]
        items = truth.items.find_all(self.train.items)[self.rated_pairs[1]]
        return float(truth.noise_variance(users, items).mean())


def _sums(users: NDArray[np.int32], values: Float64, count: int) -> Float64:
    return np.bincount(users, weights=values, minlength=count).astype(np.float64)


@dataclass(frozen=True)
class Evaluator:
    """Fits models and examines them."""

    settings: TrainerSettings
    workers: Workers

    def try_models(self, examination: Examination, names: Iterable[str]) -> dict[str, Trial]:
        """A trial of each model; one that diverges is left out with a warning."""
        strangers = popularity.fit(examination.train, self.settings, self.workers)
        trials: dict[str, Trial] = {}
        for name in names:
            try:
                trials[name] = (
                    self._blend(examination, trials["ials"], trials["ease"], strangers)
                    if name == "blend" and {"ials", "ease"} <= set(trials)
                    else self._try(examination, name, strangers)
                )
            except DivergedError as error:
                logger.warning("%s", error)
        return trials

    def _blend(
        self, examination: Examination, factors: Trial, items: Trial, strangers: Popularity
    ) -> Trial:
        """A trial of the blend of two models that were fitted already."""
        assert isinstance(factors.scorer, ImplicitFactorization)
        assert isinstance(items.scorer, ItemWeights)
        recency = float(factors.scorer.recency[0])
        scorer = Blend(factors.scorer, ease.with_recency(items.scorer, recency))
        seconds = factors.seconds + items.seconds
        return _trial(examination, scorer, factors.settings, seconds, strangers)

    def _try(self, examination: Examination, name: str, strangers: Popularity) -> Trial:
        """The best of the model's variants."""
        trials = []
        begin = time.perf_counter()
        for scorer, settings in variants(name, examination.train, self.settings, self.workers):
            seconds = time.perf_counter() - begin
            trials.append(_trial(examination, scorer, settings, seconds, strangers))
            begin = time.perf_counter()
        return min(trials, key=lambda trial: trial.loss(main_role(name)) or 0)


def main_role(name: str) -> str:
    """What a model is made for, and what its settings are chosen by."""
    return "rating" if "rating" in SCORER_TYPES[name].roles else "ranker"


def _trial(
    examination: Examination,
    scorer: Scorer,
    settings: TrainerSettings,
    seconds: float,
    strangers: Popularity,
) -> Trial:
    rater = scorer if isinstance(scorer, Rater) and len(examination.rated_pairs[0]) else None
    return Trial(
        scorer=scorer,
        settings=settings,
        seconds=seconds,
        ratings=None if rater is None else examination.rate(rater),
        lists=examination.rank(scorer, strangers) if len(examination.listed_users) else None,
    )


def best(trials: Mapping[str, Trial], role: str) -> str | None:
    """The model with the lowest loss in a role; None where none could be measured.

    Of equals the first.
    """
    losses = {name: trial.loss(role) for name, trial in trials.items()}
    measured = {name: loss for name, loss in losses.items() if loss is not None}
    return min(measured, key=measured.__getitem__, default=None)


def as_metrics(
    examination: Examination,
    trials: Mapping[str, Trial],
    truth: Truth | None,
    rng: np.random.Generator,
) -> Metrics:
    """What metrics.json says of a split: each model's errors and lists, and what was planted."""
    ratings, lists = {}, {}
    for name, trial in trials.items():
        if trial.ratings is not None:
            ratings[name] = trial.ratings.errors() | _ends(trial.ratings.interval(rng))
        if trial.lists is not None:
            lists[name] = trial.lists.measured.summary() | _ends(trial.lists.interval(rng))
    planted_ratings, planted_lists = {}, {}
    if truth is not None and ratings and lists:
        errors, best_lists = examination.planted(truth)
        noise = {"expected_mse": examination.planted_noise(truth)}
        planted_ratings = errors.errors() | noise
        planted_lists = best_lists.measured.summary()
    split = examination.split
    return {
        "protocol": split.protocol,
        "train_interactions": len(split.train.interactions),
        "test_interactions": len(split.test),
        "ratings": {"models": ratings, "noise_floor": planted_ratings or None},
        "lists": {"models": lists, "planted": planted_lists or None},
    }


def _ends(interval: Interval) -> Metrics:
    """The interval of the deciding metric."""
    return {"interval": [interval.low, interval.high]}
