"""The real API on a real port, for as long as a test needs it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import uvicorn
from fastapi import FastAPI

from services.api.main import create_app
from services.api.settings import ApiSettings

DATABASE = "sommelier.sqlite"

Replicas = tuple[httpx.Client, httpx.Client]
Serve = Callable[..., AbstractContextManager[httpx.Client]]
"""Starts an API; any setting can be given."""


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


def serving(chosen: ApiSettings) -> AbstractContextManager[httpx.Client]:
    """A client of the API with these settings."""
    return serving_app(create_app(chosen))


@contextmanager
def serving_app(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of the application, served by uvicorn in a thread."""
    # Listening already, so that the first request waits for the start and nobody polls for it.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = PromptServer(uvicorn.Config(app, log_config=None))
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


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Ask until it holds; AssertionError if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)
