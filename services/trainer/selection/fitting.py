"""Fits models and evaluates them; what diverges is left out."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.trainer.models import MODELS, main_role, popularity
from services.trainer.models.contract import (
    Composed,
    DivergedError,
    Fitted,
    named_divergence,
)
from services.trainer.models.solver import Workers
from services.trainer.report import in_words
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.quality import ListQuality, RatingQuality
from services.trainer.settings import TrainerSettings
from shared.artifacts.metrics import DECIDING
from shared.scorers import Popularity, Rater

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EvaluatedModel:
    """One model fitted to a split's training part, and how good it is in each of its roles.

    `fitted` took so many `seconds`; of the settings that were left to auto it has those `chosen`.
    """

    fitted: Fitted[TrainerSettings]
    seconds: float
    ratings: RatingQuality | None
    lists: ListQuality | None
    chosen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> TrainerSettings:
        return self.fitted.settings

    def figure(self, role: str) -> float | None:
        """The metric that decides in a role, see DECIDING; None where it was not measured."""
        if role == "rating":
            return None if self.ratings is None else self.ratings.rmse
        return None if self.lists is None else self.lists.ndcg

    def loss(self, role: str) -> float | None:
        """RMSE of ratings, 1 - NDCG@10 of lists; None where it was not measured."""
        figure = self.figure(role)
        return figure if figure is None or role == "rating" else 1 - figure


Evaluated = dict[str, EvaluatedModel]


def fit_and_evaluate(
    evaluation: Evaluation, names: Iterable[str], settings: TrainerSettings, workers: Workers
) -> Evaluated:
    """Each model in the best of its variants; one that diverges is left out with a warning.

    A model that is composed of others is made of them where they were fitted.
    """
    run = _Run(evaluation, settings, workers)
    names = tuple(dict.fromkeys(names))
    evaluated: Evaluated = {}
    for name in sorted(names, key=lambda name: isinstance(MODELS[name], Composed)):
        try:
            evaluated[name] = run.composed(name, evaluated) or run.best_variant(name)
        except DivergedError as error:
            logger.warning("%s is left out. %s", name, error)
    return {name: evaluated[name] for name in names if name in evaluated}


def by_loss(evaluated: Mapping[str, EvaluatedModel], role: str) -> list[str]:
    """The models that could be evaluated in a role, the best first; of equals as they come."""
    losses = {name: model.loss(role) for name, model in evaluated.items()}
    measured = {name: loss for name, loss in losses.items() if loss is not None}
    return sorted(measured, key=measured.__getitem__)


def best(evaluated: Mapping[str, EvaluatedModel], role: str) -> str | None:
    """The model with the lowest loss in a role; None where none could be evaluated."""
    return next(iter(by_loss(evaluated, role)), None)


class _Run:
    """What all models are fitted to and evaluated on."""

    def __init__(self, evaluation: Evaluation, settings: TrainerSettings, workers: Workers) -> None:
        self._evaluation, self._settings, self._workers = evaluation, settings, workers
        self._fallback: Popularity = popularity.fit(evaluation.train, settings, workers)

    def composed(self, name: str, evaluated: Evaluated) -> EvaluatedModel | None:
        """The model, of those that were fitted already; None where it is not made of such."""
        model = MODELS[name]
        if not isinstance(model, Composed) or not set(model.PARTS) <= set(evaluated):
            return None
        parts = [evaluated[part] for part in model.PARTS]
        fitted = model.from_fitted({part: evaluated[part].fitted for part in model.PARTS})
        return self._evaluate(name, fitted, sum(part.seconds for part in parts), several=True)

    def best_variant(self, name: str) -> EvaluatedModel:
        """The best of the model's variants that came to finite numbers; DivergedError if none."""
        train, evaluated, diverged = self._evaluation.train, [], []
        variants = tuple(MODELS[name].variants(train, self._settings, self._workers))
        for variant in variants:
            begin = time.perf_counter()
            try:
                with named_divergence(name):
                    fitted = Fitted(variant.fit(), variant.settings)
                seconds = time.perf_counter() - begin
                evaluated.append(self._evaluate(name, fitted, seconds, several=len(variants) > 1))
            except DivergedError as error:
                diverged.append(error)
        if not evaluated:
            raise diverged[0]
        if diverged:
            counts = len(diverged), len(variants)
            logger.warning("%d of %d variants of %s are left out. %s", *counts, name, diverged[0])
        role = main_role(name)
        best = min(evaluated, key=lambda model: model.loss(role) or 0)
        if len(variants) > 1:
            _log_choice(name, best, len(variants))
        return best

    def _evaluate(
        self, name: str, fitted: Fitted[TrainerSettings], seconds: float, *, several: bool
    ) -> EvaluatedModel:
        evaluation, scorer = self._evaluation, fitted.scorer
        ratings = lists = None
        if isinstance(scorer, Rater) and len(evaluation.rated_pairs[0]):
            with named_divergence(name, "predicted ratings"):
                ratings = evaluation.evaluate_ratings(scorer)
        if len(evaluation.listed_users):
            with named_divergence(name, "scores"):
                lists = evaluation.evaluate_lists(scorer, self._fallback)
        chosen = _changed(name, self._settings, fitted.settings) if several else {}
        return EvaluatedModel(fitted, seconds, ratings, lists, chosen)


def _changed(name: str, given: TrainerSettings, fitted: TrainerSettings) -> dict[str, Any]:
    """The model's settings that are not as they were given: what was left to auto."""
    values = {setting: getattr(fitted, setting) for setting in MODELS[name].Settings.model_fields}
    return {setting: v for setting, v in values.items() if v != getattr(given, setting)}


def _log_choice(name: str, best: EvaluatedModel, variants: int) -> None:
    role = main_role(name)
    figure, metric = best.figure(role), DECIDING[role]
    if figure is not None:
        words = in_words(best.chosen)
        logger.info("%s, best of %d variants: %s (%s %.4f)", name, variants, words, metric, figure)
