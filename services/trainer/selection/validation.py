"""Choices made within the training part, so that what is held out does nothing but measure."""

from collections.abc import Iterable

import numpy as np

from services.trainer.models.solver import Workers
from services.trainer.selection.evaluation import Evaluator, Examination, Trial, main_role
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split, validation


def validated(
    split: Split, names: Iterable[str], settings: TrainerSettings, workers: Workers
) -> dict[str, Trial]:
    """Trials on a part of the split's training interactions: they say which model to take, and
    with which of the settings that are left to auto."""
    rng = np.random.default_rng(settings.seed)
    examination = Examination(validation(split, settings.holdout_fraction, rng))
    return Evaluator(settings, workers).try_models(examination, names)


def measured(
    examination: Examination, names: Iterable[str], settings: TrainerSettings, workers: Workers
) -> dict[str, Trial]:
    """A trial of each model with the settings that validation chose; one that diverges is left
    out. Rating models leave no setting to auto and are not validated first."""
    trials: dict[str, Trial] = {}
    for name in names:
        suited = {name: settings}
        if main_role(name) == "ranker":
            chosen = validated(examination.split, [name], settings, workers)
            suited = {model: trial.settings for model, trial in chosen.items()}
        for model, own in suited.items():
            trials |= Evaluator(own, workers).try_models(examination, [model])
    return trials
