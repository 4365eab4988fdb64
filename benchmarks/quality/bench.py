"""Where the data lies, and how models are fitted and measured on it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from services.trainer.candidates import Candidates, candidates
from services.trainer.dataset import Dataset
from services.trainer.evaluation import Evaluator, Examination
from services.trainer.hyperparameters import complete
from services.trainer.models import MODELS, fit
from services.trainer.protocols import Split, last_of_each_user
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.scorers import SCORERS, Popularity, Rater, Scorer

Figures = dict[str, float]

RATER = "bayesian" if "bayesian" in MODELS else "als"  # what the rating rows are promised of
RATERS = tuple(name for name in MODELS if "rating" in SCORERS[name].roles)
RANKERS = tuple(name for name in MODELS if SCORERS[name].roles == {"ranker"})
ONE_ANSWER = ("popularity", "bias", "ease")  # the same for every seed
LAST = 0.1


@dataclass(frozen=True)
class Bench:
    """Where the data lies, and how often and with how many threads a model is fitted."""

    data: Path
    seeds: int
    threads: int

    def settings(self, seed: int = 0) -> TrainerSettings:
        return TrainerSettings(seed=seed, threads=self.threads, model="auto")

    def workers(self) -> Workers:
        return Workers(torch.device("cpu"), self.threads)

    def seeds_of(self, name: str) -> range:
        return range(1 if name in ONE_ANSWER else self.seeds)

    def fit(self, name: str, train: Dataset, seed: int = 0) -> tuple[Scorer, float]:
        """The model with the settings that suit the data, and seconds."""
        settings = complete(self.settings(seed), None, train)
        begin = time.perf_counter()
        return fit(name, train, settings, self.workers()), time.perf_counter() - begin

    def chosen(self, train: Dataset) -> str:
        """The ranker that MODEL=auto takes, on the last tenth of each user's training rows."""
        settings = complete(self.settings(), None, train)
        examination = Examination(last_of_each_user(train, LAST, np.random.default_rng(0)))
        fitting = candidates(train, settings)
        evaluator = Evaluator(settings, self.workers())
        rankers = Candidates((), fitting.ranker)
        return rankers.choose(evaluator.try_models(examination, rankers.ranker))[1]

    def rmse(self, split: Split, name: str, seed: int = 0) -> tuple[float, float]:
        """Of one model's ratings, and seconds."""
        rater, seconds = self.fit(name, split.train, seed)
        assert isinstance(rater, Rater)
        return Examination(split).rate(rater).errors()["rmse"], seconds

    def popularity(self, train: Dataset) -> Popularity:
        """What serves strangers."""
        scorer, _seconds = self.fit("popularity", train)
        assert isinstance(scorer, Popularity)
        return scorer


def mean(figures: Iterable[float]) -> float:
    return float(np.mean(list(figures)))
