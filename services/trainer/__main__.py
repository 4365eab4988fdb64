"""Trains once and publishes: `python -m services.trainer [--if-none] [--search SECONDS]`.

With `--when-enough` it first waits until there is enough to train on, and holds little memory.
"""

import argparse
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NoReturn

from services.trainer.settings import TrainerSettings
from services.trainer.waiting import FirstTraining, every
from shared.artifacts.current import current_version
from shared.database.engine import open_database
from shared.durable_files import exclusive
from shared.jobs import run_job

logger = logging.getLogger(__name__)

TRAIN = [sys.executable, "-m", "services.trainer", "--if-none"]

STOPS = (signal.SIGTERM, signal.SIGINT)
REST = f"import signal; signal.sigwait({[*map(int, STOPS)]})"


def main(argv: Sequence[str] | None = None) -> None:
    """The program with `argv`, by default that of the process."""
    arguments = _parser().parse_args(argv)
    settings = TrainerSettings.load()
    if arguments.when_enough:
        _train_when_enough(settings, arguments.poll)
        if arguments.stay:
            _rest()
        return
    with _turn(settings):
        _train(settings, only_if_none=arguments.if_none, search_seconds=arguments.search)


def _train(settings: TrainerSettings, *, only_if_none: bool, search_seconds: float) -> None:
    if only_if_none and (version := current_version(settings.artifact_dir)):
        logger.info("Version %s is current: nothing to train.", version)
        return
    engine = open_database(settings.database())
    # Imported here: torch takes seconds, and a wrong setting or a server that is away needs none.
    from services.trainer.pipeline import train_and_publish

    train_and_publish(engine, settings, search_seconds)


def _train_when_enough(settings: TrainerSettings, poll_seconds: float) -> None:
    first = FirstTraining(
        settings.database(), settings.artifact_dir, settings.train_after, _train_in_a_process
    )
    first.run(every(poll_seconds))


def _train_in_a_process() -> bool:
    """Whether a training published. In a process of its own, so that what waits stays small and
    outlives one that is killed for want of memory."""
    status = subprocess.run(TRAIN, check=False).returncode
    if status < 0:
        logger.error(
            "The training was killed by signal %d. Where that was for want of memory, "
            "docs/operations.md tells what a training takes.",
            -status,
        )
    return status == 0


def _rest() -> NoReturn:
    """Do nothing until stopped, as a program that holds 9 MB where this one holds 80."""
    # Kept over the change: a container's first process hears no signal that it does not wait for.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", REST])


def _turn(settings: TrainerSettings) -> AbstractContextManager[None]:
    """One training at a time: two would take twice the memory, and the later learns from more."""

    def say() -> None:
        logger.info("Another training is under way: this one begins after it.")

    return exclusive(settings.artifact_dir, ".training", when_held=say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.trainer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--if-none", action="store_true", help="do nothing where a version is current already"
    )
    parser.add_argument(
        "--when-enough",
        action="store_true",
        help="wait until there are TRAIN_AFTER interactions, train the first version and end; do "
        "nothing where a version is current already",
    )
    parser.add_argument(
        "--poll",
        type=positive_seconds,
        default=5,
        metavar="SECONDS",
        help="with --when-enough, between one look at the database and the next (%(default)s)",
    )
    parser.add_argument(
        "--stay",
        action="store_true",
        help="with --when-enough, rest until stopped instead of ending, as a Compose service does",
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
