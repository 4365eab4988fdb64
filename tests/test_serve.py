"""`make serve` and `make demo` as somebody without Docker starts them, in a clone of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.serving import eventually
from tests.api.wire import silent_port
from tests.end_to_end.stack import free_port

pytestmark = pytest.mark.programs

LINKED = ("Makefile", "constraints.txt", "services", "shared")


@pytest.fixture
def clone(tmp_path: Path, pytestconfig: pytest.Config) -> Path:
    """A folder with the programs and an environment that is installed already."""
    for name in LINKED:
        (tmp_path / name).symlink_to(pytestconfig.rootpath / name)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (tmp_path / "venv" / "runtime.stamp").touch()
    return tmp_path


def make(clone: Path, verb: str, port: int) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "TRAIN_AFTER": "200", "MODEL": "popularity"}
    return subprocess.Popen(
        ["make", verb, f"PORT={port}", "VENV=venv"],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def leave(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C, which all in the foreground hear; what was printed. None of them is left."""
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=60)  # ends when the last of them closes it
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return printed


@pytest.fixture
def api() -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{free_port()}", timeout=10) as client:
        yield client


def answers(api: httpx.Client) -> bool:
    try:
        return api.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_it_serves_at_once_trains_by_itself_and_ends_as_a_whole(
    clone: Path, api: httpx.Client
) -> None:
    port = api.base_url.port
    assert port is not None
    process = make(clone, "serve", port)
    eventually(lambda: answers(api), 60)
    assert api.get("/health").json()["model_version"] == "untrained"
    events = [
        {"user_id": f"u{user}", "item_id": f"i{item}", "event_type": "view"}
        for user in range(20)
        for item in range(user % 5, user % 5 + 10)
    ]
    api.post("/interactions", json={"interactions": events}).raise_for_status()
    eventually(lambda: bool(api.get("/health").json()["model_loaded"]), 120)
    printed = leave(process)
    assert f"curl http://127.0.0.1:{port}/interactions" in printed
    assert "0 of 200 interactions" in printed
    assert "is current: 200 interactions" in printed
    assert "Traceback" not in printed


def test_it_ends_as_a_whole_while_it_waits(clone: Path, api: httpx.Client) -> None:
    process = make(clone, "serve", api.base_url.port or 0)
    eventually(lambda: answers(api), 60)
    assert "Traceback" not in leave(process)


@pytest.mark.parametrize("verb", ["serve", "demo"])
def test_a_port_that_is_taken_is_said_before_anything_is_made(clone: Path, verb: str) -> None:
    with silent_port() as port:
        printed, _ = make(clone, verb, port).communicate(timeout=60)
    assert f"The API cannot listen on 127.0.0.1, port {port}: Address already in use" in printed
    assert not (clone / "data").exists()
