"""From the rows in the database to the version that is served."""

import datetime as dt
import logging

import torch
from sqlalchemy.engine import Engine

from services.trainer.dataset import Dataset, read_dataset
from services.trainer.evaluation import Evaluator, Metrics
from services.trainer.models import RATING_MODELS
from services.trainer.ratings import Ratings
from services.trainer.report import as_html, as_text
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared import versions
from shared.content import Content
from shared.current import activate, prune
from shared.errors import SommelierError
from shared.scorers import POPULARITY, Rater, Scorer
from shared.truth import read_truth
from shared.versions import Manifest

logger = logging.getLogger(__name__)

# Which settings shape a version's arrays: kept with it.
RECORDED = ("model", "als_", "bias_", "holdout_", "seed")


def train_and_publish(engine: Engine, settings: TrainerSettings) -> Manifest:
    """Read, measure on held-out ratings, refit on all of them, publish, make current."""
    workers = Workers(_device(settings), settings.threads)
    dataset = read_dataset(engine)
    ratings = dataset.ratings()
    metrics = _evaluate(dataset, ratings, settings, workers)
    rater = _fit(ratings, settings, workers)
    manifest = _publish(dataset, rater, metrics, settings)
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


def _evaluate(
    dataset: Dataset, ratings: Ratings | None, settings: TrainerSettings, workers: Workers
) -> Metrics:
    if ratings is None:
        logger.info("The data has no ratings: lists are ordered by popularity.")
        return {}
    truth = read_truth(settings.artifact_dir, dataset.summary.content_hash)
    return Evaluator(settings, workers, dataset, truth).evaluate(ratings)


def _fit(ratings: Ratings | None, settings: TrainerSettings, workers: Workers) -> Rater | None:
    return None if ratings is None else RATING_MODELS[settings.model](ratings, settings, workers)


def _publish(
    dataset: Dataset, rater: Rater | None, metrics: Metrics, settings: TrainerSettings
) -> Manifest:
    now = dt.datetime.now(dt.UTC)
    content = _content(dataset, settings.model, rater)
    recorded = settings.model_dump(mode="json")
    manifest = versions.publish(
        settings.artifact_dir,
        content,
        data=dataset.summary,
        rating_model=settings.model if rater else None,
        ranker=settings.model if rater else POPULARITY,
        settings={name: value for name, value in recorded.items() if name.startswith(RECORDED)},
        metrics=metrics,
        report=as_html,
        now=now,
    )
    activate(settings.artifact_dir, manifest.version, reason="trained", now=now)
    prune(settings.artifact_dir, settings.keep_versions)
    return manifest


def _content(dataset: Dataset, model: str, rater: Rater | None) -> Content:
    seen_offsets, seen_items = dataset.seen()
    models: dict[str, Scorer] = {model: rater} if rater else {}
    return Content(
        users=dataset.users,
        items=dataset.items,
        titles=dataset.titles,
        categories=dataset.categories,
        is_active=dataset.is_active,
        popularity=dataset.popularity(),
        seen_offsets=seen_offsets,
        seen_items=seen_items,
        models=models,
    )
