"""Looks for better hyper-parameters of the candidate models, within a budget of seconds.

    python -m services.trainer --search 600

What a trial is measured on is cut from the training part: the interactions that the finished
version is measured on stay unseen. Trials are kept in the artifact volume, by the data they belong
to, so that a search that was interrupted, or another one, goes on where the last one ended.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS, main_role
from services.trainer.models.settings import Between, Space
from services.trainer.models.solver import Workers
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import fit_and_evaluate
from services.trainer.selection.hyperparameters import complete, conditions
from services.trainer.settings import AUTO, TrainerSettings
from services.trainer.splits.protocols import last_of_each_user
from shared.artifacts.versions import Found
from shared.progress import progress

logger = logging.getLogger(__name__)

Values = dict[str, Any]


@dataclass(frozen=True)
class Search:
    """What all trials share."""

    evaluation: Evaluation
    settings: TrainerSettings
    workers: Workers

    def loss(self, model: str, values: Values) -> float | None:
        """The RMSE of a rating model, 1 - NDCG@10 of a ranker; None where it diverges."""
        settings = self.settings.model_copy(update=values)
        evaluated = fit_and_evaluate(self.evaluation, [model], settings, self.workers).get(model)
        return None if evaluated is None else evaluated.loss(main_role(model))


def find_settings(
    dataset: Dataset,
    models: Iterable[str],
    given: TrainerSettings,
    found: Found | None,
    workers: Workers,
    seconds: float,
) -> Values:
    """The best settings found of each model that has something to search.

    Settings that were asked for stay as they are. Every model gets an equal part of `seconds` and
    at least one trial, the first with what is `found` already. Where the data is too small to
    measure on, nothing is found.
    """
    settings = complete(given, found, dataset)
    rng = np.random.default_rng(settings.seed)
    evaluation = Evaluation(last_of_each_user(dataset, settings.holdout_fraction, rng))
    if not len(evaluation.listed_users):
        logger.info("Too little data to search settings on: the defaults stay.")
        return {}
    search = Search(evaluation, settings, workers)
    spaces = {model: space for model in models if (space := _space(model, given))}
    best: Values = {}
    with progress("search", round(seconds), "s") as advance:
        for model, space in spaces.items():
            study = _study(dataset, model, space, settings, conditions(given))
            for took in _trials(study, search, model, space, seconds / len(spaces)):
                advance(took)
            best |= _best(study, model)
    return best


def _space(model: str, given: TrainerSettings) -> Space:
    """What is left to search of a model."""
    space = MODELS[model].SPACE
    return {name: space[name] for name in space if name not in given.model_fields_set}


def _study(
    dataset: Dataset, model: str, space: Space, settings: TrainerSettings, under: str
) -> optuna.Study:
    """A model's study on this data `under` these conditions: the one there is, or a new one."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    data = dataset.summary.content_hash
    folder = settings.artifact_dir / "search"
    folder.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name=f"{model} {under}",
        storage=JournalStorage(JournalFileBackend(str(folder / f"{data}.journal"))),
        sampler=optuna.samplers.TPESampler(seed=settings.seed),
        load_if_exists=True,
    )
    known = {name: getattr(settings, name) for name in space}
    start = {name: space[name].start if value == AUTO else value for name, value in known.items()}
    study.enqueue_trial(start, skip_if_exists=True)
    return study


def _trials(
    study: optuna.Study, search: Search, model: str, space: Space, seconds: float
) -> Iterator[float]:
    """Trials until the seconds are spent, at least one; the seconds that each took."""
    begin = last = time.monotonic()
    while last == begin or last < begin + seconds:
        trial = study.ask({name: _distribution(values) for name, values in space.items()})
        loss = search.loss(model, trial.params)
        study.tell(trial, loss, state=None if loss is not None else TrialState.FAIL)
        now = time.monotonic()
        yield now - last
        last = now


def _distribution(values: Between) -> BaseDistribution:
    if isinstance(values.low, int) and isinstance(values.high, int):
        return IntDistribution(values.low, values.high, log=values.log)
    return FloatDistribution(values.low, values.high, log=values.log)


def _best(study: optuna.Study, model: str) -> Values:
    try:
        best = study.best_trial
    except ValueError:  # every trial diverged
        return {}
    logger.info("search %s: %d trials, best loss %.4f", model, len(study.trials), best.value)
    return dict(best.params)
