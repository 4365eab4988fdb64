"""Measures models as someone asks: which, on what held-out part of the data, in lists how long."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.trainer.comparison.comparison import PLACES, Examined, compare
from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS
from services.trainer.models.device import workers_for
from services.trainer.selection.candidates import candidates
from services.trainer.selection.evaluation import Examination, Metrics, Trial
from services.trainer.selection.hyperparameters import complete, found_before
from services.trainer.selection.validation import measured
from services.trainer.settings import TrainerSettings
from services.trainer.splits.folds import read_fold
from services.trainer.splits.protocols import PROTOCOLS, Split, given
from shared.artifacts.truth import read_truth
from shared.errors import SommelierError

logger = logging.getLogger(__name__)


class AssessmentError(SommelierError):
    """Something that was asked for and cannot be measured."""


@dataclass(frozen=True)
class Question:
    """What is asked: the models (None: those that MODEL=auto tries), one of PROTOCOLS or the files
    of folds, and how many places of a list count; PLACES are always among them."""

    models: Sequence[str] | None = None
    split: str = "last"
    tests: Sequence[Path] = ()
    ks: Sequence[int] = (PLACES,)


def assess(dataset: Dataset, question: Question, settings: TrainerSettings) -> Metrics:
    """What `compare` says of the models in every fold, and how the folds were made.

    AssessmentError where there is no such model or nothing is held out, FoldError for a file.
    """
    names = _models(question.models, dataset, settings)
    splits = [_checked(split) for split in _splits(dataset, question, settings)]
    truth = read_truth(settings.artifact_dir, dataset.summary.content_hash)
    # A search measures on what comes before the last part of each user: other tests hold its rows.
    searched = question.split == "last" and not question.tests
    found = found_before(settings, len(dataset.interactions)) if searched else None
    workers = workers_for(settings)
    ks = sorted({*question.ks, PLACES})
    examinations = [Examination(split, ks) for split in splits]
    trials = [
        measured(examination, names, complete(settings, found, examination.train), workers)
        for examination in examinations
    ]
    folds = [
        Examined.of(examination, fold, truth)
        for examination, fold in zip(examinations, trials, strict=True)
    ]
    return {
        "protocol": "; ".join(split.protocol for split in splits),
        "ks": ks,
        "train_interactions": [len(split.train.interactions) for split in splits],
        "test_interactions": [len(split.test) for split in splits],
        **compare(folds, np.random.default_rng(settings.seed)),
        "seconds": _seconds(names, trials),
    }


def _seconds(names: Sequence[str], trials: Sequence[Mapping[str, Trial]]) -> dict[str, float]:
    """Of fitting, mean over folds; a model that diverged in all of them is left out."""
    each = {name: [fold[name].seconds for fold in trials if name in fold] for name in names}
    return {name: float(np.mean(seconds)) for name, seconds in each.items() if seconds}


def _models(
    asked: Sequence[str] | None, dataset: Dataset, settings: TrainerSettings
) -> tuple[str, ...]:
    if not asked:
        auto = settings.model_copy(update={"model": "auto"})
        return candidates(dataset, auto).tried(dataset)
    if unknown := [name for name in asked if name not in MODELS]:
        raise AssessmentError(f"'{unknown[0]}' is no model; these are: {', '.join(MODELS)}.")
    return tuple(dict.fromkeys(asked))


def _splits(dataset: Dataset, question: Question, settings: TrainerSettings) -> Iterable[Split]:
    if question.tests:
        return (_given(path, dataset) for path in question.tests)
    if question.split == "time" and not dataset.is_timed:
        raise AssessmentError("The data has no times to split in: use --split last or random.")
    rng = np.random.default_rng(settings.seed)
    return [PROTOCOLS[question.split](dataset, settings.holdout_fraction, rng)]


def _given(path: Path, dataset: Dataset) -> Split:
    fold = read_fold(path, dataset)
    if fold.missing:
        logger.info("%s: the database lacks %d of its pairs; they are left out", path, fold.missing)
    return given(dataset, fold)


def _checked(split: Split) -> Split:
    """The split; AssessmentError where one of its parts is empty."""
    lacking = "measure on" if not len(split.test) else "learn from"
    if not len(split.test) or not len(split.train.interactions):
        raise AssessmentError(
            f"Held out: {split.protocol}: that leaves nothing to {lacking}. Another --fraction, "
            "--split or --test would do."
        )
    return split
