"""Choices made within the training part, so that what is held out does nothing but evaluate."""

from collections.abc import Iterable

import numpy as np

from services.trainer.models import main_role
from services.trainer.models.solver import Workers
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import Evaluated, fit_and_evaluate
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import Split, validation


def fit_and_validate(
    split: Split, names: Iterable[str], settings: TrainerSettings, workers: Workers
) -> Evaluated:
    """Models evaluated on a part of the split's training interactions: that says which one to take,
    and with which of the settings that are left to auto."""
    rng = np.random.default_rng(settings.seed)
    evaluation = Evaluation(validation(split, settings.holdout_fraction, rng))
    return fit_and_evaluate(evaluation, names, settings, workers)


def validate_and_evaluate(
    evaluation: Evaluation, names: Iterable[str], settings: TrainerSettings, workers: Workers
) -> Evaluated:
    """Each model with the settings that validation chose; one that diverges is left out. Rating
    models leave no setting to auto and are not validated first."""
    evaluated: Evaluated = {}
    for name in names:
        suited = {name: settings}
        if main_role(name) == "ranker":
            chosen = fit_and_validate(evaluation.split, [name], settings, workers)
            suited = {model: validated.settings for model, validated in chosen.items()}
        for model, own in suited.items():
            evaluated |= fit_and_evaluate(evaluation, [model], own, workers)
    return evaluated
