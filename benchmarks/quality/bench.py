"""Where the data lies, and how models are fitted and measured on it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS, SCORER_TYPES, fit
from services.trainer.models.solver import Workers
from services.trainer.selection.candidates import Candidates, candidates
from services.trainer.selection.evaluation import Examination
from services.trainer.selection.hyperparameters import complete
from services.trainer.selection.validation import validated
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split
from shared.scorers import Popularity, Rater, Scorer

Figures = dict[str, float]

RATER = "bayesian"  # what the rating rows are promised of
RATERS = tuple(name for name in MODELS if "rating" in SCORER_TYPES[name].roles)
ONE_ANSWER = ("popularity", "bias", "ease")  # the same for every seed
LAST = 0.1  # of each user, where the protocol is our own


@dataclass(frozen=True)
class Settled:
    """The ranker to take, and the settings that suit each."""

    ranker: str
    settings: dict[str, TrainerSettings]


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

    def fit(
        self, name: str, train: Dataset, seed: int = 0, settings: TrainerSettings | None = None
    ) -> tuple[Scorer, float]:
        """The model with these settings or those that suit the data, and seconds."""
        own = settings or complete(self.settings(), None, train)
        own = own.model_copy(update={"seed": seed})
        begin = time.perf_counter()
        return fit(name, train, own, self.workers()), time.perf_counter() - begin

    def settled(self, split: Split) -> Settled:
        """What MODEL=auto takes, chosen on a tenth of the training rows."""
        settings = complete(self.settings(), None, split.train)
        rankers = Candidates((), candidates(split.train, settings).ranker)
        trials = validated(split, rankers.ranker, settings, self.workers())
        suited = {name: trial.settings for name, trial in trials.items()}
        return Settled(rankers.choose(trials)[1], suited)

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
