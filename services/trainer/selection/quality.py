"""How good a model's predictions are, user by user."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.trainer.metrics.intervals import Interval, interval, rmse_interval
from services.trainer.metrics.ranking import RankingMetrics
from shared.arrays.types import Float64, Mask
from shared.artifacts.metrics import NDCG, ListAccuracy, RatingErrors


@dataclass(frozen=True)
class RatingQuality:
    """The errors of clipped predictions, summed by user: float64[users] and int64[users]."""

    squared: Float64
    absolute: Float64
    counts: NDArray[np.int64]

    def errors(self, users: Mask | None = None) -> RatingErrors:
        """RMSE, MSE and MAE; of the users of a slice. Without ratings only that there are none."""
        chosen = slice(None) if users is None else users
        count = int(self.counts[chosen].sum())
        if not count:
            return RatingErrors(ratings=0)
        mse = float(self.squared[chosen].sum() / count)
        mae = float(self.absolute[chosen].sum() / count)
        return RatingErrors(ratings=count, rmse=mse**0.5, mse=mse, mae=mae)

    @property
    def mse(self) -> float:
        """Of all ratings; ValueError where there is none."""
        if (mse := self.errors().mse) is None:
            raise ValueError("no ratings have no error")
        return mse

    @property
    def rmse(self) -> float:
        """Of all ratings; ValueError where there is none."""
        rmse: float = self.mse**0.5
        return rmse

    def interval(self, rng: np.random.Generator) -> Interval:
        """Of the RMSE, over users."""
        return rmse_interval(self.squared, self.counts, rng)


@dataclass(frozen=True)
class ListQuality:
    """The lists of the evaluated users, int64[users, places], and what they are worth."""

    lists: NDArray[np.int64]
    measured: RankingMetrics

    def accuracy(self) -> ListAccuracy:
        """Every metric, mean over users."""
        return ListAccuracy.model_validate(self.measured.summary())

    @property
    def ndcg(self) -> float:
        """The mean of the metric that decides between rankers."""
        return float(self.measured.values[NDCG].mean())

    def interval(self, rng: np.random.Generator, metric: str = NDCG) -> Interval:
        """Of a metric's mean, over users."""
        return interval(self.measured.values[metric], rng)
