"""Serve the version before the current one again: `python -m shared.artifacts.rollback`."""

import datetime as dt
import logging

from shared.artifacts.current import rollback
from shared.jobs import run_job
from shared.settings import Settings

logger = logging.getLogger(__name__)


def main() -> None:
    artifact_dir = Settings.load().artifact_dir
    current = rollback(artifact_dir, reason="rolled back by hand", now=dt.datetime.now(dt.UTC))
    logger.info("Current again: %s (before it %s)", current.version, current.previous)


if __name__ == "__main__":
    run_job(main)
