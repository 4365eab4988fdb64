"""Evaluates models as someone asks: which, on what held-out part of the data, in lists how long."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.trainer.comparison.comparison import EvaluatedFold, compare
from services.trainer.comparison.figures import Comparison
from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS
from services.trainer.models.device import workers_on
from services.trainer.selection.candidates import candidates
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import Evaluated
from services.trainer.selection.hyperparameters import complete, found_before
from services.trainer.selection.validation import validate_and_evaluate
from services.trainer.settings import AUTO, TrainerSettings
from services.trainer.splits.folds import read_fold
from services.trainer.splits.protocols import PROTOCOLS, Split, given
from shared.artifacts.metrics import PLACES
from shared.artifacts.truth import read_truth
from shared.errors import SommelierError

logger = logging.getLogger(__name__)


class EvaluationError(SommelierError):
    """Something that was asked for and cannot be evaluated."""


@dataclass(frozen=True)
class EvaluationRequest:
    """The models (None: those that MODEL=auto fits), one of PROTOCOLS or the files of folds, and
    how many places of a list count; PLACES are always among them."""

    models: Sequence[str] | None = None
    split: str = "last"
    tests: Sequence[Path] = ()
    ks: Sequence[int] = (PLACES,)


def evaluate_models(
    dataset: Dataset, request: EvaluationRequest, settings: TrainerSettings
) -> Comparison:
    """The models side by side over all folds, and how the folds were made.

    EvaluationError where there is no such model or nothing is held out, FoldError for a file.
    """
    names = _models(request.models, dataset, settings)
    splits = [_checked(split) for split in _splits(dataset, request, settings)]
    truth = read_truth(settings.artifact_dir, dataset.summary.content_hash)
    # A search measures on what comes before the last part of each user: other tests hold its rows.
    searched = request.split == "last" and not request.tests
    found = found_before(settings, len(dataset.interactions)) if searched else None
    workers = workers_on(settings.device, settings.threads)
    ks = sorted({*request.ks, PLACES})
    evaluations = [Evaluation(split, ks) for split in splits]
    evaluated = [
        validate_and_evaluate(
            evaluation, names, complete(settings, found, evaluation.train), workers
        )
        for evaluation in evaluations
    ]
    folds = [
        EvaluatedFold.of(evaluation, models, truth)
        for evaluation, models in zip(evaluations, evaluated, strict=True)
    ]
    ratings, lists = compare(folds, np.random.default_rng(settings.seed))
    return Comparison(
        protocol="; ".join(split.protocol for split in splits),
        ks=ks,
        train_interactions=[len(split.train.interactions) for split in splits],
        test_interactions=[len(split.test) for split in splits],
        ratings=ratings,
        lists=lists,
        seconds=_seconds(names, evaluated),
    )


def _seconds(names: Sequence[str], folds: Sequence[Evaluated]) -> dict[str, float]:
    """Of fitting, mean over folds; a model that diverged in all of them is left out."""
    each = {name: [fold[name].seconds for fold in folds if name in fold] for name in names}
    return {name: float(np.mean(seconds)) for name, seconds in each.items() if seconds}


def _models(
    names: Sequence[str] | None, dataset: Dataset, settings: TrainerSettings
) -> tuple[str, ...]:
    if not names:
        auto = settings.model_copy(update={"model": AUTO})
        return candidates(dataset, auto).names
    if unknown := [name for name in names if name not in MODELS]:
        raise EvaluationError(f"'{unknown[0]}' is no model; these are: {', '.join(MODELS)}.")
    return tuple(dict.fromkeys(names))


def _splits(
    dataset: Dataset, request: EvaluationRequest, settings: TrainerSettings
) -> Iterable[Split]:
    if request.tests:
        return (_given(path, dataset) for path in request.tests)
    if request.split == "time" and not dataset.is_timed:
        raise EvaluationError("The data has no times to split in: use --split last or random.")
    rng = np.random.default_rng(settings.seed)
    return [PROTOCOLS[request.split](dataset, settings.holdout_fraction, rng)]


def _given(path: Path, dataset: Dataset) -> Split:
    fold = read_fold(path, dataset)
    if fold.missing:
        logger.info("%s: the database lacks %d of its pairs; they are left out", path, fold.missing)
    return given(dataset, fold)


def _checked(split: Split) -> Split:
    """The split; EvaluationError where one of its parts is empty."""
    lacking = "measure on" if not len(split.test) else "learn from"
    if not len(split.test) or not len(split.train.interactions):
        raise EvaluationError(
            f"Held out: {split.protocol}: that leaves nothing to {lacking}. Another --fraction, "
            "--split or --test would do."
        )
    return split
