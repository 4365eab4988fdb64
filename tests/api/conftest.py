"""The real API over a small version and SQLite."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import Engine

from services.api.live.catalogue import Catalogue, CatalogueChange, ItemRow
from shared.artifacts.current import require_current
from shared.artifacts.versions import Version, read_version
from shared.database.engine import connect, open_database
from tests.api import small_version
from tests.api.keys import KEYS, SIGNING_KEY
from tests.api.serving import DATABASE, Serve, serving, settings
from tests.api.shop import open_shop


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # as under uvicorn


@pytest.fixture
def artifact_dir(tmp_path: Path) -> Path:
    return tmp_path / "artifacts"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database and the small version, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    open_database(settings(folder).database()).dispose()
    small_version.publish_current(folder / "artifacts")
    return folder


@pytest.fixture
def engine(tmp_path: Path, template: Path) -> Iterator[Engine]:
    """The database of `serve` and `api`."""
    shutil.copy(template / DATABASE, tmp_path / DATABASE)
    engine = connect(settings(tmp_path).database())
    yield engine
    engine.dispose()


@pytest.fixture
def serve(tmp_path: Path, engine: Engine) -> Serve:
    """Starts the API over `engine` and `artifact_dir`; any setting can be given."""
    return lambda **values: serving(settings(tmp_path, **values))


@pytest.fixture
def version(artifact_dir: Path, template: Path) -> str:
    """The small version's name; it is current."""
    shutil.copytree(template / "artifacts", artifact_dir, dirs_exist_ok=True)
    return require_current(artifact_dir).version


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Version:
    """The small version as it is read."""
    folder = tmp_path_factory.mktemp("small")
    return read_version(folder, small_version.publish(folder))


@pytest.fixture(scope="session")
def small_catalogue(small: Version) -> Catalogue:
    """Its items."""
    return Catalogue.of(small)


@pytest.fixture(scope="session")
def catalogue_with_new(small_catalogue: Catalogue) -> Catalogue:
    """Its items and three that came since."""
    rows = [ItemRow(f"new{number}", "", ("TECH",), {}, True) for number in (1, 2, 3)]
    return small_catalogue.after(CatalogueChange(1, rows))


@pytest.fixture
def api(serve: Serve, version: str) -> Iterator[httpx.Client]:
    """The API with the small version and a database to write to."""
    with serve() as client:
        yield client


@pytest.fixture(scope="session")
def standing_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The API with the small version and a database that stays empty, for tests that only read."""
    folder = tmp_path_factory.mktemp("standing")
    small_version.publish_current(folder / "artifacts")
    with serving(settings(folder)) as client:
        yield client


@pytest.fixture(scope="session")
def standing_guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The same behind keys and signatures, for tests of what is refused: it counts no guesses."""
    folder = tmp_path_factory.mktemp("guarded")
    small_version.publish_current(folder / "artifacts")
    chosen = settings(folder, **KEYS, user_signing_key=SIGNING_KEY, wrong_key_rate=0)
    with serving(chosen) as client:
        yield client


@pytest.fixture
def version_of_standing(standing_api: httpx.Client) -> str:
    """The name of the version that `standing_api` serves."""
    return str(standing_api.get("/health").json()["model_version"])


@pytest.fixture
def shop(serve: Serve, version: str) -> Iterator[httpx.Client]:
    """The API with the small version, its items described, and filters by name."""
    with open_shop(serve) as client:
        yield client


@pytest.fixture(scope="session")
def standing_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The same for tests that only read."""
    folder = tmp_path_factory.mktemp("shop")
    small_version.publish_current(folder / "artifacts")
    with open_shop(lambda **values: serving(settings(folder, **values))) as client:
        yield client
