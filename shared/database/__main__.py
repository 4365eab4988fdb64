"""Migrates DATABASE_URL: `python -m shared.database`, Compose's `migrate` job."""

import logging

from shared.database.engine import connect, describe, migrate
from shared.jobs import run_job
from shared.settings import Settings

logger = logging.getLogger(__name__)


def main() -> None:
    url = Settings.load().database()
    migrate(connect(url))
    logger.info("%s is migrated", describe(url))


if __name__ == "__main__":
    run_job(main)
