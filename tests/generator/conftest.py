"""Generated data, and databases to write into."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, Engine

from services.generator.generating.size import Size
from shared.database.engine import connect, migrate
from tests.generator.world import World, make_world


@pytest.fixture(scope="session")
def world() -> World:
    """What the defaults make."""
    return make_world(Size(users=1000, items=600, interactions=50_000))


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty database of this test's own, on SQLite."""
    yield from _migrated(URL.create("sqlite", database=str(tmp_path / "database" / "test.sqlite")))


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    """An empty database of this test's own, once on SQLite and once on MySQL."""
    yield from _migrated(database_url)


def _migrated(url: URL) -> Iterator[Engine]:
    engine = connect(url)
    migrate(engine)
    yield engine
    engine.dispose()
