"""Trains once and publishes: `python -m services.trainer [--if-none] [--search SECONDS]`."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from services.trainer.settings import TrainerSettings
from shared.artifacts.current import read_current
from shared.artifacts.versions import VersionError, read_version
from shared.database.engine import open_database
from shared.jobs import run_job

logger = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> None:
    """The program with `argv`, by default that of the process."""
    arguments = _parser().parse_args(argv)
    settings = TrainerSettings.load()
    if arguments.if_none and (version := _current_version(settings.artifact_dir)):
        logger.info("Version %s is current: nothing to train.", version)
        return
    engine = open_database(settings.database())
    # Imported here: torch takes seconds, and a wrong setting or a server that is away needs none.
    from services.trainer.pipeline import train_and_publish

    train_and_publish(engine, settings, arguments.search)


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
    parser.add_argument(
        "--search",
        type=positive_seconds,
        default=0,
        metavar="SECONDS",
        help="first look for better settings of the models, and go on where the last search ended; "
        "later trainings keep what was found",
    )
    return parser


def positive_seconds(text: str) -> float:
    """A number of seconds above 0; ValueError, which argparse puts in words, for another."""
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


if __name__ == "__main__":
    run_job(main)
