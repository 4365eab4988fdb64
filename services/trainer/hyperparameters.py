"""Where the settings that nobody made come from: from a search, or from the size of the data."""

import logging
from pathlib import Path
from typing import Any

from services.trainer.dataset import Dataset
from services.trainer.models import ials
from services.trainer.settings import TrainerSettings
from shared.current import read_current
from shared.versions import Found, VersionError, read_version

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
    return {"ials_rank": ials.rank(dataset, settings)}


def found_before(artifact_dir: Path, rows: int) -> Found | None:
    """What a search found for the current version, while the data has about as many rows."""
    try:
        current = read_current(artifact_dir)
        manifest = read_version(artifact_dir, current.version).manifest if current else None
    except VersionError:
        return None
    if manifest is None or manifest.found is None:
        return None
    if not manifest.found.rows / OUTGROWN <= rows <= manifest.found.rows * OUTGROWN:
        logger.info("The data has outgrown the settings that a search found: search again.")
        return None
    logger.info("With the settings found by a search: %s", manifest.found.settings)
    return manifest.found
