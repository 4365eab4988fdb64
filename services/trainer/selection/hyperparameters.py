"""Where the settings that nobody made come from: from a search, or from the size of the data."""

import hashlib
import json
import logging
from typing import Any

from services.trainer.data.dataset import Dataset
from services.trainer.models import MODELS, ModelSettings
from services.trainer.models.contract import Sized
from services.trainer.settings import CONDITIONS, TrainerSettings
from shared.artifacts.current import read_current
from shared.artifacts.versions import Found, VersionError, read_manifest

logger = logging.getLogger(__name__)

OUTGROWN = 2  # times as many rows, or as few: what was found then no longer counts


def complete(settings: TrainerSettings, found: Found | None, dataset: Dataset) -> TrainerSettings:
    """`settings` with a value for each: what was set stays, then what was found, then what suits
    data of this size."""
    searched = {} if found is None else found.settings
    values = {name: value for name, value in searched.items() if name in _open(settings)}
    return settings.model_copy(update=by_size(settings, dataset) | values)


def _open(settings: TrainerSettings) -> set[str]:
    """The settings that nobody made."""
    return set(type(settings).model_fields) - settings.model_fields_set


def by_size(settings: TrainerSettings, dataset: Dataset) -> dict[str, Any]:
    """A value for each setting that is None because it follows from the data."""
    sized = [model for model in MODELS.values() if isinstance(model, Sized)]
    return {k: v for model in sized for k, v in model.by_size(dataset, settings).items()}


def conditions(settings: TrainerSettings) -> str:
    """A hash of what a search's losses depend on: what counts how much, what is held out, and the
    models' settings that someone made. Only losses under equal conditions can be compared."""
    values = settings.model_dump(mode="json")
    made = settings.model_fields_set.intersection(ModelSettings.model_fields)
    counted = {name: values[name] for name in sorted({*CONDITIONS, *made})}
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()[:16]


def found_before(settings: TrainerSettings, rows: int) -> Found | None:
    """What a search under the same conditions found for the current version, while the data has
    about as many rows."""
    try:
        current = read_current(settings.artifact_dir)
        manifest = read_manifest(settings.artifact_dir, current.version) if current else None
    except VersionError:
        return None
    found = manifest and manifest.found
    if not found:
        return None
    if found.conditions != conditions(settings):
        logger.info("A search found settings under other conditions; they are not used.")
        return None
    if not found.rows / OUTGROWN <= rows <= found.rows * OUTGROWN:
        logger.info("The data has outgrown the settings that a search found: search again.")
        return None
    logger.info("With the settings found by a search: %s", found.settings)
    return found
