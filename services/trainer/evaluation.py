"""Measures the rating model on ratings that it has not seen, beside baselines and the noise floor.

Everything is predicted through the numpy scorers that serve.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.trainer.dataset import Dataset
from services.trainer.holdout import has_times, last_in_time, last_of_each_user
from services.trainer.models import RATING_MODELS
from services.trainer.ratings import Ratings
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.scorers import Rater
from shared.truth import Truth

Metrics = dict[str, Any]
BASELINE = "bias"


@dataclass(frozen=True)
class Evaluator:
    """What an evaluation needs besides the ratings."""

    settings: TrainerSettings
    workers: Workers
    dataset: Dataset
    truth: Truth | None

    def evaluate(self, ratings: Ratings) -> Metrics:
        """Both hold-outs: `last_of_each_user` (the one that decides) and `last_in_time`."""
        timed = has_times(ratings)
        rng = np.random.default_rng(self.settings.seed)
        fraction = self.settings.holdout_fraction
        percent = f"{fraction:.0%} of each user's ratings"
        return {
            "last_of_each_user": {
                "protocol": f"last {percent}" if timed else f"random {percent} (no times)",
                **self._measure(ratings, last_of_each_user(ratings, fraction, rng)),
            },
            "last_in_time": self._last_in_time(ratings) if timed else None,
        }

    def _last_in_time(self, ratings: Ratings) -> Metrics:
        held_out = last_in_time(ratings, self.settings.holdout_fraction)
        protocol = f"last {self.settings.holdout_fraction:.0%} of all ratings"
        return {"protocol": protocol, **self._measure(ratings, held_out, by_user=True)}

    def _measure(
        self, ratings: Ratings, held_out: NDArray[np.bool_], *, by_user: bool = False
    ) -> Metrics:
        train, test = ratings.subset(~held_out), ratings.subset(held_out)
        metrics: Metrics = {"train_ratings": len(train), "test_ratings": len(test)}
        if not len(train) or not len(test):
            return metrics | {"models": None}
        raters = self._fit_all(train)
        metrics["models"] = {name: errors(rater, test) for name, rater in raters.items()}
        metrics["models"]["global_mean"] = _errors(test, np.full(len(test), train.mean()))
        metrics["noise_floor"] = self._noise_floor(test)
        if by_user:
            warm = np.isin(test.user_indices, train.user_indices)
            metrics["warm_users"] = _part(raters, test.subset(warm))
            metrics["cold_users"] = _part(raters, test.subset(~warm))
        return metrics

    def _fit_all(self, train: Ratings) -> dict[str, Rater]:
        names = dict.fromkeys((self.settings.model, BASELINE))
        return {name: RATING_MODELS[name](train, self.settings, self.workers) for name in names}

    def _noise_floor(self, test: Ratings) -> Metrics | None:
        """The error of the planted truth's own expectation, where the data was generated."""
        if self.truth is None:
            return None
        users = self.truth.users.find_all(self.dataset.users)[test.user_indices]
        items = self.truth.items.find_all(self.dataset.items)[test.item_indices]
        variance = float(self.truth.noise_variance(users, items).mean())
        realized = _errors(test, self.truth.expected_rating(users, items))
        return {"expected_mse": variance, **realized}


def _part(raters: dict[str, Rater], test: Ratings) -> Metrics:
    models = {name: errors(rater, test) for name, rater in raters.items()} if len(test) else None
    return {"test_ratings": len(test), "models": models}


def errors(rater: Rater, test: Ratings) -> Metrics:
    """RMSE, MSE and MAE of a model's clipped predictions."""
    return _errors(test, test.clip(rater.rate(test.user_indices, test.item_indices)))


def _errors(test: Ratings, predicted: NDArray[np.floating]) -> Metrics:
    error = predicted.astype(np.float64) - test.values
    mse = float(np.mean(error**2))
    return {"rmse": mse**0.5, "mse": mse, "mae": float(np.mean(np.abs(error)))}
