from collections.abc import Iterator

import httpx
import pytest

from tests.api import small_version
from tests.api.serving import serving, settings


@pytest.fixture(scope="session")
def standing_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The API with the small version, to compare lists with."""
    folder = tmp_path_factory.mktemp("standing")
    small_version.publish_current(folder / "artifacts")
    with serving(settings(folder)) as client:
        yield client
