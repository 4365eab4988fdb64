"""Waits until the API serves the version that is current.

python -m services.api.programs.wait_until_served
"""

import sys

from services.api.programs.client import DEFAULT_URL, NotServing, wait_until_ready
from shared.artifacts.current import require_current
from shared.artifacts.versions import VersionError
from shared.jobs import run_job
from shared.settings import Settings

WAIT_SECONDS = 60  # a version of 50,000 rows takes less than two


def wait_until_served(version: str, url: str, seconds: float) -> None:
    """Return once the API at `url` serves it; VersionError after `seconds`."""
    try:
        wait_until_ready(url, seconds, accepts=version.__eq__)
    except NotServing as error:
        raise VersionError(
            f"The API does not serve version {version} ({error}): {url}/health and the API's log "
            "say why."
        ) from error


def main() -> None:
    current = require_current(Settings.load().artifact_dir)
    wait_until_served(current.version, DEFAULT_URL, WAIT_SECONDS)
    sys.stdout.write(f"The API serves version {current.version}.\n")


if __name__ == "__main__":
    run_job(main)
