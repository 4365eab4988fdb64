"""Trains once and publishes: `python -m services.trainer [--if-none]`."""

import argparse
import logging
from pathlib import Path

from services.trainer.settings import TrainerSettings
from shared.current import read_current
from shared.database import open_database
from shared.jobs import run_job
from shared.versions import VersionError, read_version

logger = logging.getLogger(__name__)


def main() -> None:
    arguments = _parser().parse_args()
    settings = TrainerSettings.load()
    if arguments.if_none and (version := _current_version(settings.artifact_dir)):
        logger.info("Version %s is current: nothing to train.", version)
        return
    engine = open_database(settings.database())
    # Imported here: torch takes seconds, and a wrong setting or a server that is away needs none.
    from services.trainer.pipeline import train_and_publish

    train_and_publish(engine, settings)


def _current_version(artifact_dir: Path) -> str | None:
    """The name of the current version, where there is one that can be served."""
    try:
        current = read_current(artifact_dir)
        return read_version(artifact_dir, current.version).name if current else None
    except VersionError as error:
        logger.warning("%s", error)
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.trainer", description=__doc__)
    parser.add_argument(
        "--if-none", action="store_true", help="do nothing where a version is current already"
    )
    return parser


if __name__ == "__main__":
    run_job(main)
