"""Two replicas over one database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from tests.api.serving import Replicas, serving, settings


@pytest.fixture
def replicas(engine: Engine, version: str, tmp_path: Path) -> Iterator[Replicas]:
    """Over the `engine` of the tests that ask."""
    url = engine.url.render_as_string(hide_password=False)
    chosen = settings(tmp_path, database_url=url)
    with serving(chosen) as first, serving(chosen) as second:
        yield first, second
