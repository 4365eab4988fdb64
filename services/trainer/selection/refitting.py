"""Fits the chosen models to all interactions; what diverges gives way to the next best."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from services.trainer.data.dataset import Dataset
from services.trainer.models import fit, popularity
from services.trainer.models.contract import DivergedError, named_divergence
from services.trainer.models.solver import Workers
from services.trainer.selection.candidates import Candidates, none_left
from services.trainer.selection.fitting import Evaluated
from services.trainer.selection.newcomers import suited_to_newcomers
from services.trainer.settings import TrainerSettings
from shared.scorers import POPULARITY, Popularity, Scorer
from shared.scorers.finite import require_finite

logger = logging.getLogger(__name__)

CHECKED_USERS = 512  # whose scores have to be finite: as many as an evaluation scores at a time


@dataclass(frozen=True)
class Refitted:
    """The models of a version by name (without popularity, which is `fallback`), the settings that
    make them, and which candidates `diverged`."""

    rating_model: str | None
    ranker: str
    settings: TrainerSettings
    models: Mapping[str, Scorer]
    fallback: Popularity
    diverged: tuple[str, ...]

    def scorer(self, name: str) -> Scorer:
        return self.fallback if name == POPULARITY else self.models[name]


def refit(
    dataset: Dataset, candidates: Candidates, evaluated: Evaluated, workers: Workers
) -> Refitted:
    """The best candidate of each role that comes to finite numbers; DivergedError if none does."""
    refits = _Refits(dataset, workers)
    for ranker in candidates.preferred("ranker", evaluated):
        settings = suited_to_newcomers(dataset, evaluated[ranker].settings)
        if refits.holds(ranker, settings):
            break
    else:
        raise none_left(candidates.ranker)
    rating_model = None
    if candidates.rating:
        raters = candidates.preferred("rating", evaluated)
        rating_model = next((name for name in raters if refits.holds(name, settings)), None)
        if rating_model is None:
            raise none_left(candidates.rating)
    return Refitted(
        rating_model,
        ranker,
        settings,
        models={n: refits.scorers[n] for n in (rating_model, ranker) if n in refits.scorers},
        fallback=popularity.fit(dataset, settings, workers),
        diverged=tuple(refits.diverged),
    )


@dataclass(frozen=True)
class _Refits:
    """What was fitted to all interactions so far; popularity needs no fit of its own here."""

    dataset: Dataset
    workers: Workers
    scorers: dict[str, Scorer] = field(default_factory=dict)
    diverged: dict[str, None] = field(default_factory=dict)

    def holds(self, name: str, settings: TrainerSettings) -> bool:
        """Whether the model comes to finite numbers; a warning where it does not."""
        if name == POPULARITY or name in self.scorers:
            return True
        if name in self.diverged:
            return False
        logger.info("%s is fitted once more, to all interactions", name)
        try:
            scorer = fit(name, self.dataset, settings, self.workers)
            with named_divergence(name, "scores"):
                require_finite({"scores": self._sample(scorer)}, "a list")
        except DivergedError as error:
            logger.warning("%s is left out on all interactions. %s", name, error)
            self.diverged[name] = None
            return False
        self.scorers[name] = scorer
        return True

    def _sample(self, scorer: Scorer) -> np.ndarray:
        """The scores of users all over the dataset, and of somebody unknown."""
        n_users = len(self.dataset.users)
        users = np.linspace(0, n_users - 1, min(n_users, CHECKED_USERS)).astype(np.int64)
        return scorer.score(scorer.vectors(np.append(users, -1)))
