"""The real API on a real port, over a small version and SQLite."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import uvicorn
from sqlalchemy.engine import Engine

from services.api.catalogue import Catalogue, Change, ItemRow
from services.api.main import create_app
from services.api.settings import ApiSettings
from shared.current import require_current
from shared.database import connect, open_database
from shared.versions import Version, read_version
from tests.api import small_version

Serve = Callable[..., AbstractContextManager[httpx.Client]]


DATABASE = "sommelier.sqlite"


class PromptServer(uvicorn.Server):
    """Ends when it is told to and its clients are gone, not two tenths of a second later."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await anyio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await anyio.sleep(0.005)
        await self.lifespan.shutdown()


@contextmanager
def serving(chosen: ApiSettings) -> Iterator[httpx.Client]:
    """A client of the API, served by uvicorn in a thread."""
    # Listening already, so that the first request waits for the start and nobody polls for it.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = PromptServer(uvicorn.Config(create_app(chosen), log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            # Without TLS: reading the certificates takes longer than starting the API.
            with httpx.Client(base_url=url, timeout=10, verify=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def settings(folder: Path, **values: Any) -> ApiSettings:
    """The settings of an API whose SQLite file and artifacts lie in `folder`, and that looks at
    its neighbours often."""
    defaults = {
        "database_url": f"sqlite:///{folder / DATABASE}",
        "artifact_dir": folder / "artifacts",
        "model_poll_seconds": 0.05,
        "probe_seconds": 0.05,
        "trend_seconds": 0.1,
        # A busy machine is no subject of these tests.
        "database_timeout_seconds": 10,
        "write_timeout_seconds": 10,
    }
    return ApiSettings.load(**(defaults | values))


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
    rows = [ItemRow(f"new{number}", "", "TECH", {}, True) for number in (1, 2, 3)]
    return small_catalogue.after(Change(1, rows))


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


@pytest.fixture
def version_of_standing(standing_api: httpx.Client) -> str:
    """The name of the version that `standing_api` serves."""
    return str(standing_api.get("/health").json()["model_version"])


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Ask until it holds; AssertionError if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)
