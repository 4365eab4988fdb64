"""Processes and data without a server, in a folder that is gone afterwards."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from services.trainer.data.dataset import Dataset
from services.trainer.data.reading import read_dataset
from services.trainer.settings import TrainerSettings
from shared.database.engine import open_database

DATABASE = "data.sqlite"


def environment_in(folder: Path) -> dict[str, str]:
    """The environment of processes that keep everything in a folder."""
    return {
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "ARTIFACT_DIR": str(folder / "artifacts"),
        "MODEL": "auto",
    }


def dataset_in(environment: Mapping[str, str], settings: TrainerSettings | None = None) -> Dataset:
    """What the trainer reads there, with its defaults or with `settings`."""
    settings = settings or TrainerSettings()
    engine = open_database(sa.make_url(environment["DATABASE_URL"]))
    return read_dataset(engine, settings.weighting, settings.named)
