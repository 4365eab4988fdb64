"""From the rows in the database to the version that is served."""

import datetime as dt
import logging
from dataclasses import dataclass

import numpy as np
from sqlalchemy.engine import Engine

from services.trainer.data.dataset import Dataset
from services.trainer.data.reading import read_dataset
from services.trainer.models.device import workers_on
from services.trainer.models.solver import Workers
from services.trainer.report import as_html, as_text
from services.trainer.segments.behaviour import Behaviour
from services.trainer.segments.item_descriptions import ItemDescriptions
from services.trainer.segments.segments import find_segments
from services.trainer.selection.candidates import candidates
from services.trainer.selection.choice import choice_of
from services.trainer.selection.evaluation import Evaluation
from services.trainer.selection.fitting import fit_and_evaluate
from services.trainer.selection.hyperparameters import complete, conditions, found_before
from services.trainer.selection.refitting import Refitted, refit
from services.trainer.selection.split_metrics import split_metrics
from services.trainer.settings import RECORDED, TrainerSettings
from services.trainer.splits.protocols import last_of_each_user
from shared.arrays.types import Float32, Indices
from shared.artifacts.content import Content
from shared.artifacts.current import activate, prune
from shared.artifacts.erasure import erase_from_versions
from shared.artifacts.metrics import Metrics
from shared.artifacts.segments import Segments
from shared.artifacts.truth import read_truth
from shared.artifacts.versions import Found, Manifest, Release, VersionError, publish
from shared.database.tombstones import read_erased
from shared.scorers import Popularity, Scorer

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """The models of a version, what a search found for them, and how good they are."""

    refitted: Refitted
    found: Found | None
    metrics: Metrics


def train_and_publish(
    engine: Engine, settings: TrainerSettings, search_seconds: float = 0
) -> Manifest:
    """Read, choose the models on held-out interactions, refit on all, publish, make current.

    With `search_seconds` it first looks for better settings, for so long.
    """
    workers = workers_on(settings.device, settings.threads)
    dataset = read_dataset(engine, settings.weighting, settings.named)
    training = _train(dataset, settings, workers, search_seconds)
    manifest = _publish(_content(dataset, training.refitted), dataset, training)
    _leave_out_erased(engine, settings, manifest)
    _make_current(settings, manifest)
    logger.info("%s", as_text(manifest))
    return manifest


def _train(
    dataset: Dataset, given: TrainerSettings, workers: Workers, search_seconds: float
) -> Training:
    """Split, fit, evaluate; and fit the best once more, to everything."""
    rng = np.random.default_rng(given.seed)
    evaluation = Evaluation(last_of_each_user(dataset, given.holdout_fraction, rng))
    fitting = candidates(dataset, given)
    found = _found(
        evaluation.train, fitting.names, given, len(dataset.interactions), workers, search_seconds
    )
    settings = complete(given, found, dataset)
    evaluated = fit_and_evaluate(evaluation, fitting.names, settings, workers)
    truth = read_truth(given.artifact_dir, dataset.summary.content_hash)
    measured = split_metrics(evaluation, evaluated, truth, rng)
    refitted = refit(dataset, fitting, evaluated, workers)
    choice = choice_of(fitting, evaluated, refitted)
    return Training(refitted, found, Metrics(last_of_each_user=measured, choice=choice))


def _found(
    train: Dataset,
    names: tuple[str, ...],
    given: TrainerSettings,
    rows: int,
    workers: Workers,
    search_seconds: float,
) -> Found | None:
    """What a search before this training found or, with `search_seconds`, one that starts there."""
    found = found_before(given, rows)
    if not search_seconds:
        return found
    # Imported here: it takes half a second, and few trainings search.
    from services.trainer.selection.search import find_settings

    best = find_settings(train, names, given, found, workers, search_seconds)
    return Found(settings=best, rows=rows, conditions=conditions(given))


def _content(dataset: Dataset, refitted: Refitted) -> Content:
    """The models with what it takes to serve them."""
    fallback = refitted.fallback
    return Content(
        users=dataset.users,
        items=dataset.items,
        titles=dataset.titles,
        categories=dataset.categories,
        is_active=dataset.is_active,
        item_features=dataset.of_items.values,
        popularity=fallback.popularity,
        lifts=fallback.lifts,
        histories=dataset.histories,
        models=refitted.models,
        segments=_segments(dataset, refitted.scorer(refitted.ranker), refitted.settings),
        attributes=dataset.attributes,
        created_at=dataset.created_at,
        n_interactions=np.bincount(dataset.interactions.item_indices, minlength=len(dataset.items)),
    )


def _segments(dataset: Dataset, ranker: Scorer, settings: TrainerSettings) -> Segments:
    """The groups of users that the ranker tells apart."""
    histories = dataset.histories
    positive = histories.preferences & (histories.confidences > 0)
    return find_segments(
        scores=lambda users: ranker.score(_undeclared(ranker, users)),
        n_users=len(dataset.users),
        behaviour=Behaviour(
            histories.user_indices()[positive],
            histories.item_indices[positive],
            histories.ratings[positive],
        ),
        descriptions=ItemDescriptions(dataset.items, dataset.titles, dataset.categories),
        rng=np.random.default_rng(settings.seed),
    )


def _undeclared(ranker: Scorer, users: Indices) -> Float32:
    """The vectors of users by what they did: those of popularity are what they declare."""
    vectors = ranker.vectors(users)
    return np.zeros_like(vectors) if isinstance(ranker, Popularity) else vectors


def _publish(content: Content, dataset: Dataset, training: Training) -> Manifest:
    refitted, settings = training.refitted, training.refitted.settings
    recorded = settings.model_dump(mode="json")
    half_life = settings.popularity_half_life_days
    release = Release(
        content,
        data=dataset.summary,
        weighting=dataset.weighting,
        user_features=dataset.of_users.encoder,
        item_features=dataset.of_items.encoder,
        rating_model=refitted.rating_model,
        ranker=refitted.ranker,
        settings={name: recorded[name] for name in RECORDED},
        metrics=training.metrics.as_json(),
        popularity_half_life_days=half_life if isinstance(half_life, float) else None,
        found=training.found,
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
