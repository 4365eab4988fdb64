from pathlib import Path

import pytest

from services.api.programs.wait_until_served import wait_until_served
from shared.artifacts.versions import VersionError
from tests.api import small_version
from tests.api.keys import KEYS
from tests.api.serving import Serve
from tests.api.wire import closed_port


def test_it_returns_once_a_version_published_meanwhile_is_served(
    serve: Serve, artifact_dir: Path
) -> None:
    small_version.publish_current(artifact_dir)
    with serve() as api:
        url = str(api.base_url).rstrip("/")
        version = small_version.publish_current(artifact_dir)
        wait_until_served(version, url, 10)
        assert api.get("/health").json()["model_version"] == version


def test_it_waits_for_a_first_version(serve: Serve, artifact_dir: Path) -> None:
    with serve() as api:
        url = str(api.base_url).rstrip("/")
        version = small_version.publish_current(artifact_dir)
        wait_until_served(version, url, 10)


def test_it_needs_no_key(serve: Serve, artifact_dir: Path) -> None:
    version = small_version.publish_current(artifact_dir)
    with serve(**KEYS) as api:
        wait_until_served(version, str(api.base_url).rstrip("/"), 10)


def test_it_gives_up_with_what_is_served_instead(serve: Serve, artifact_dir: Path) -> None:
    kept = small_version.publish_current(artifact_dir)
    with serve() as api:
        url = str(api.base_url).rstrip("/")
        with pytest.raises(VersionError, match=rf"serve version another \({kept}\)"):
            wait_until_served("another", url, 0)


def test_it_gives_up_where_nothing_listens() -> None:
    with closed_port() as port, pytest.raises(VersionError, match="does not answer"):
        wait_until_served("any", f"http://127.0.0.1:{port}", 0)
