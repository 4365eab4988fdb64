"""From nothing to a filled database, and the truth behind it."""

import datetime as dt
import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

from services.generator.generating.behaviour import happen
from services.generator.generating.blocks import Stream, random_stream
from services.generator.generating.calibration import calibrate
from services.generator.generating.choices import choose
from services.generator.generating.population import RESPONSE, draw_population
from services.generator.generating.size import Size
from services.generator.generating.writing import write_catalogue, write_interactions
from services.generator.loads.record import (
    Load,
    LoadError,
    finish_load,
    interrupted_loads,
    new_load,
)
from shared.artifacts.truth import remove_truth, save_truth
from shared.database import storage, tables
from shared.database.engine import describe
from shared.database.rating_scale import RatingScale
from shared.progress import progress

logger = logging.getLogger(__name__)

FILLED = (tables.users, tables.items, tables.interactions)
"""A row in one of these is somebody's: nothing is generated beside it."""


def generate(engine: Engine, artifact_dir: Path, size: Size, seed: int, *, reset: bool) -> None:
    """Fill the database, unless it is filled already; `reset` empties it before.

    What an interrupted run began is completed: the same seed makes the same rows, and those that
    are there are left alone. LoadError where that run was for another size or seed.
    """
    if reset:
        storage.empty(engine)
        remove_truth(artifact_dir)
    load = _begin(engine, {**asdict(size), "seed": seed})
    if load is None:
        _say_it_is_filled(engine)
        return
    if load.rows_before:
        logger.info("completing a generation that was interrupted at %d rows", load.rows_before)
    _carry_out(load, engine, artifact_dir, size, seed)


def _begin(engine: Engine, settings: dict[str, Any]) -> Load | None:
    """The interrupted generation with these settings, or a new one; None in a filled database."""
    scale = RatingScale(RESPONSE.minimum, RESPONSE.maximum)
    with engine.begin() as connection:
        for interrupted in interrupted_loads(connection, "generate"):
            _require_same(interrupted.settings, settings)
            return interrupted
        if any(storage.has_rows(connection, table) for table in FILLED):
            return None
        return new_load(connection, "generate", settings, scale, dt.datetime.now(dt.UTC))


def _require_same(interrupted: dict[str, Any], requested: dict[str, Any]) -> None:
    if interrupted != requested:
        raise LoadError(
            f"A generation with {_options(interrupted)} was interrupted: run it again with these "
            f"to complete it, or use --reset to empty the database and generate with "
            f"{_options(requested)}."
        )


def _options(settings: dict[str, Any]) -> str:
    names = ("users", "items", "interactions", "seed")
    return " ".join(f"--{name} {settings[name]}" for name in names)


def _say_it_is_filled(engine: Engine) -> None:
    with engine.connect() as connection:
        counts = [f"{storage.count(connection, table):,}" for table in FILLED]
    logger.info(
        "%s already holds %s users, %s items and %s interactions; nothing was changed (--reset "
        "empties it)",
        *(describe(engine.url), *counts),
    )


def _carry_out(load: Load, engine: Engine, artifact_dir: Path, size: Size, seed: int) -> None:
    now = dt.datetime.now(dt.UTC)
    population = draw_population(size, random_stream(seed, Stream.POPULATION))
    with progress("choosing", size.users, "users") as advance:
        choices = choose(population, seed, advance)
    population = calibrate(population, choices)
    write_catalogue(engine, population, now)
    happening = happen(population, choices, seed)
    with progress("generating", size.interactions, "interactions") as advance:
        content_hash = write_interactions(engine, load, population, happening, now, advance)
    save_truth(artifact_dir, replace(population.truth, content_hash=content_hash))
    finish_load(engine, load)
    logger.info(
        "%s holds %s users, %s items and %s interactions",
        *(describe(engine.url), f"{size.users:,}", f"{size.items:,}", f"{size.interactions:,}"),
    )
