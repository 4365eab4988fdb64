"""From the rows in the database to the version that is served."""

import datetime as dt
import logging
from dataclasses import dataclass

import numpy as np
import torch
from sqlalchemy.engine import Engine

from services.trainer.candidates import candidates
from services.trainer.dataset import Dataset, read_dataset
from services.trainer.evaluation import Evaluator, Examination, Metrics, as_metrics
from services.trainer.models import MODELS
from services.trainer.protocols import last_of_each_user
from services.trainer.report import as_html, as_text
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared import versions
from shared.content import Content
from shared.current import activate, prune
from shared.errors import SommelierError
from shared.scorers import POPULARITY, Popularity, Scorer
from shared.truth import read_truth
from shared.versions import Manifest

logger = logging.getLogger(__name__)

# Which settings shape a version's arrays: kept with it.
RECORDED = (
    "model",
    "event_weights",
    "half_life",
    "popularity_",
    "bias_",
    "als_",
    "bayesian_",
    "ials_",
    "ease_",
    "holdout_",
    "seed",
)


@dataclass(frozen=True)
class Choice:
    """The models of a version, and what was measured to choose them."""

    rating_model: str | None
    ranker: str
    metrics: Metrics


def train_and_publish(engine: Engine, settings: TrainerSettings) -> Manifest:
    """Read, choose the models on held-out interactions, refit on all, publish, make current."""
    workers = Workers(_device(settings), settings.threads)
    dataset = read_dataset(engine, settings.weighting)
    choice = _choose(dataset, settings, workers)
    content = _content(dataset, choice, settings, workers)
    manifest = _publish(content, dataset, choice, settings)
    logger.info("%s", as_text(manifest))
    return manifest


def _device(settings: TrainerSettings) -> torch.device:
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise SommelierError(
            "Config 'DEVICE' has value 'cuda', but PyTorch finds no CUDA device here: "
            "use auto or cpu."
        )
    if settings.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(settings.device)


def _choose(dataset: Dataset, settings: TrainerSettings, workers: Workers) -> Choice:
    rng = np.random.default_rng(settings.seed)
    examination = Examination(last_of_each_user(dataset, settings.holdout_fraction, rng))
    fitting = candidates(dataset, settings)
    trials = Evaluator(settings, workers).try_models(examination, fitting.tried(dataset))
    truth = read_truth(settings.artifact_dir, dataset.summary.content_hash)
    metrics = {"last_of_each_user": as_metrics(examination, trials, truth, rng)}
    return Choice(*fitting.choose(trials), metrics)


def _content(
    dataset: Dataset, choice: Choice, settings: TrainerSettings, workers: Workers
) -> Content:
    """The chosen models refitted on all interactions, with what it takes to serve them."""
    names = dict.fromkeys((POPULARITY, choice.rating_model or choice.ranker, choice.ranker))
    fitted = {name: MODELS[name](dataset, settings, workers) for name in names}
    strangers = fitted.pop(POPULARITY)
    assert isinstance(strangers, Popularity)
    models: dict[str, Scorer] = fitted
    return Content(
        users=dataset.users,
        items=dataset.items,
        titles=dataset.titles,
        categories=dataset.categories,
        is_active=dataset.is_active,
        popularity=strangers.popularity,
        histories=dataset.histories,
        models=models,
    )


def _publish(
    content: Content, dataset: Dataset, choice: Choice, settings: TrainerSettings
) -> Manifest:
    now = dt.datetime.now(dt.UTC)
    recorded = settings.model_dump(mode="json")
    manifest = versions.publish(
        settings.artifact_dir,
        content,
        data=dataset.summary,
        weighting=dataset.weighting,
        rating_model=choice.rating_model,
        ranker=choice.ranker,
        settings={name: value for name, value in recorded.items() if name.startswith(RECORDED)},
        metrics=choice.metrics,
        report=as_html,
        now=now,
    )
    activate(settings.artifact_dir, manifest.version, reason="trained", now=now)
    prune(settings.artifact_dir, settings.keep_versions)
    return manifest
