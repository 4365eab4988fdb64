"""Programs of a checkout as processes, and a client of its API."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx

SECONDS = 60.0  # that anything is waited for


@dataclass(frozen=True)
class Runner:
    """Runs programs of a checkout on a database and an artifact folder in `folder`."""

    checkout: Path
    folder: Path
    settings: Mapping[str, str]
    log: TextIO

    @property
    def database(self) -> Path:
        return self.folder / "data.sqlite"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    def run(self, *words: str, check: bool = True) -> None:
        """Run a module to its end; CalledProcessError where it fails and `check` is set."""
        status = self.start(*words).wait()
        if check and status:
            raise subprocess.CalledProcessError(status, " ".join(words))

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a module and leave it running."""
        self.log.write(f"\n{' '.join(words)}\n")
        self.log.flush()
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=self.checkout,
            env=self._environment(),
            stdout=self.log,
            stderr=self.log,
        )

    def _environment(self) -> dict[str, str]:
        """The environment of a program, without the caller's own settings."""
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
        places = {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "ARTIFACT_DIR": str(self.artifacts),
            "PYTHONDONTWRITEBYTECODE": "1",  # the checkout stays as it is
        }
        caller = {name: os.environ[name] for name in kept if name in os.environ}
        return {**caller, **places, **self.settings}


@contextmanager
def api_client(runner: Runner) -> Iterator[httpx.Client]:
    """A client of the checkout's API, which is stopped in the end."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    words = ("services.api.main:create_app", "--factory", "--port", str(port))
    process = runner.start("uvicorn", *words, "--log-level", "warning")
    try:
        # A connection for each request: the API closes one where it has not read all of a body.
        limits = httpx.Limits(max_keepalive_connections=0)
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=SECONDS, limits=limits) as client:
            wait_until(lambda: _is_live(process, client), "the API to answer")
            yield client
    finally:
        process.terminate()
        process.wait(SECONDS)


def _is_live(process: subprocess.Popen[bytes], client: httpx.Client) -> bool:
    if process.poll() is not None:
        raise subprocess.CalledProcessError(process.returncode, "uvicorn")
    try:
        return client.get("/health/live").is_success
    except httpx.TransportError:
        return False


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Return once it holds; TimeoutError after SECONDS."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SECONDS:g} s for {what}")
        time.sleep(0.02)
