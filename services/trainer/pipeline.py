"""From the rows in the database to the version that is served."""

import datetime as dt
import logging
from dataclasses import dataclass

import numpy as np
from sqlalchemy.engine import Engine

from services.trainer.data.dataset import Dataset
from services.trainer.data.reading import read_dataset
from services.trainer.models import fit
from services.trainer.models.device import workers_for
from services.trainer.models.solver import Workers
from services.trainer.report import as_html, as_text
from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.item_descriptions import ItemDescriptions
from services.trainer.segments.segments import find_segments
from services.trainer.selection.candidates import candidates
from services.trainer.selection.evaluation import Evaluator, Examination, Metrics, as_metrics
from services.trainer.selection.hyperparameters import (
    OF_DATA,
    OF_MODELS,
    complete,
    conditions,
    found_before,
)
from services.trainer.selection.newcomers import suited_to_newcomers
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import last_of_each_user
from shared.arrays.types import Float32, Indices
from shared.artifacts.content import Content
from shared.artifacts.current import activate, prune
from shared.artifacts.erasure import erase_from_versions
from shared.artifacts.segments import Segments
from shared.artifacts.truth import read_truth
from shared.artifacts.versions import Found, Manifest, Release, VersionError, publish
from shared.database.tombstones import read_erased
from shared.scorers import POPULARITY, Popularity, Scorer

logger = logging.getLogger(__name__)

# Which settings shape a version's arrays: kept with it.
RECORDED = ("model", *OF_DATA, *OF_MODELS)


@dataclass(frozen=True)
class Choice:
    """The models of a version, the settings they are fitted with, and what was measured."""

    rating_model: str | None
    ranker: str
    settings: TrainerSettings
    found: Found | None
    metrics: Metrics


def train_and_publish(
    engine: Engine, settings: TrainerSettings, search_seconds: float = 0
) -> Manifest:
    """Read, choose the models on held-out interactions, refit on all, publish, make current.

    With `search_seconds` it first looks for better settings, for so long.
    """
    workers = workers_for(settings)
    dataset = read_dataset(engine, settings.weighting, settings.named)
    choice = _choose(dataset, settings, workers, search_seconds)
    content = _content(dataset, choice, workers)
    manifest = _publish(content, dataset, choice)
    _leave_out_erased(engine, settings, manifest)
    _make_current(settings, manifest)
    logger.info("%s", as_text(manifest))
    return manifest


def _choose(
    dataset: Dataset, asked: TrainerSettings, workers: Workers, search_seconds: float
) -> Choice:
    rng = np.random.default_rng(asked.seed)
    examination = Examination(last_of_each_user(dataset, asked.holdout_fraction, rng))
    fitting = candidates(dataset, asked)
    names = fitting.tried(dataset)
    rows = len(dataset.interactions)
    found = found_before(asked, rows)
    if search_seconds:
        # Imported here: it takes half a second, and few trainings search.
        from services.trainer.selection.search import find_settings

        best = find_settings(examination.train, names, asked, found, workers, search_seconds)
        found = Found(settings=best, rows=rows, conditions=conditions(asked))
    settings = complete(asked, found, dataset)
    trials = Evaluator(settings, workers).try_models(examination, names)
    truth = read_truth(asked.artifact_dir, dataset.summary.content_hash)
    metrics = {"last_of_each_user": as_metrics(examination, trials, truth, rng)}
    rating_model, ranker = fitting.choose(trials)
    suited = suited_to_newcomers(dataset, trials[ranker].settings)
    return Choice(rating_model, ranker, suited, found, metrics)


def _content(dataset: Dataset, choice: Choice, workers: Workers) -> Content:
    """The chosen models refitted on all interactions, with what it takes to serve them."""
    names = dict.fromkeys((POPULARITY, choice.rating_model or choice.ranker, choice.ranker))
    fitted = {name: fit(name, dataset, choice.settings, workers) for name in names}
    strangers = fitted.pop(POPULARITY)
    assert isinstance(strangers, Popularity)
    models: dict[str, Scorer] = fitted
    ranker = strangers if choice.ranker == POPULARITY else models[choice.ranker]
    return Content(
        users=dataset.users,
        items=dataset.items,
        titles=dataset.titles,
        categories=dataset.categories,
        is_active=dataset.is_active,
        item_features=dataset.of_items.values,
        popularity=strangers.popularity,
        lifts=strangers.lifts,
        histories=dataset.histories,
        models=models,
        segments=_segments(dataset, ranker, choice.settings),
    )


def _segments(dataset: Dataset, ranker: Scorer, settings: TrainerSettings) -> Segments:
    """The groups of users that the ranker tells apart."""
    histories = dataset.histories
    wanted = histories.preferences & (histories.confidences > 0)
    return find_segments(
        scores=lambda users: ranker.score(_undeclared(ranker, users)),
        n_users=len(dataset.users),
        behaviour=Behaviour(
            histories.user_indices()[wanted],
            histories.item_indices[wanted],
            histories.ratings[wanted],
        ),
        descriptions=ItemDescriptions(dataset.items, dataset.titles, dataset.categories),
        rng=np.random.default_rng(settings.seed),
    )


def _undeclared(ranker: Scorer, users: Indices) -> Float32:
    """The vectors of users by what they did: those of popularity are what they declare."""
    vectors = ranker.vectors(users)
    return np.zeros_like(vectors) if isinstance(ranker, Popularity) else vectors


def _publish(content: Content, dataset: Dataset, choice: Choice) -> Manifest:
    settings = choice.settings
    recorded = settings.model_dump(mode="json")
    half_life = settings.popularity_half_life_days
    release = Release(
        content,
        data=dataset.summary,
        weighting=dataset.weighting,
        user_features=dataset.of_users.encoder,
        item_features=dataset.of_items.encoder,
        rating_model=choice.rating_model,
        ranker=choice.ranker,
        settings={name: value for name, value in recorded.items() if name.startswith(RECORDED)},
        metrics=choice.metrics,
        popularity_half_life_days=half_life if isinstance(half_life, float) else None,
        found=choice.found,
    )
    return publish(settings.artifact_dir, release, as_html, dt.datetime.now(dt.UTC))


def _leave_out_erased(engine: Engine, settings: TrainerSettings, manifest: Manifest) -> None:
    """Erase who was erased while the training had their rows already: the erasure found no version
    to take them out of. Whoever is erased from now on is taken out by the erasure itself.

    Versions that came back from a backup are looked through as well.
    """
    with engine.connect() as connection:
        erased = read_erased(connection)
    if not erased:
        return
    looked_through = erase_from_versions(settings.artifact_dir, erased.among)
    for version, reason in looked_through.failed.items():
        logger.warning("erased users may be left in version %s: %s", version, reason)
    if manifest.version in looked_through.failed:
        raise VersionError(looked_through.failed[manifest.version])


def _make_current(settings: TrainerSettings, manifest: Manifest) -> None:
    activate(settings.artifact_dir, manifest.version, reason="trained", now=dt.datetime.now(dt.UTC))
    prune(settings.artifact_dir, settings.keep_versions)
