"""Waits until the API serves the version that is current: `python -m services.api.handover`."""

import sys
import time

from services.api.welcome import NotServing, call
from shared.current import read_current
from shared.jobs import run_job
from shared.settings import Settings
from shared.versions import VersionError

URL = "http://127.0.0.1:8000"
WAIT_SECONDS = 60  # a version of 50,000 rows takes less than two


def wait_until_served(version: str, url: str, seconds: float) -> None:
    """Return once the API at `url` serves it; VersionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while (served := _served(url)) != version:
        if time.monotonic() >= deadline:
            raise VersionError(
                f"The API does not serve version {version} ({served}): {url}/health and the API's "
                "log say why."
            )
        time.sleep(0.2)


def _served(url: str) -> str:
    """The version that the API serves, or why it serves none."""
    try:
        return str(call(f"{url}/health/ready")["model_version"])
    except NotServing as error:
        return str(error)


def main() -> None:
    current = read_current(Settings.load().artifact_dir)
    if current is None:
        raise VersionError("There is no current version: train one first.")
    wait_until_served(current.version, URL, WAIT_SECONDS)
    sys.stdout.write(f"The API serves version {current.version}.\n")


if __name__ == "__main__":
    run_job(main)
