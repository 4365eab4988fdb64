"""The process as it is started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.api.__main__ import PortTaken, require_free
from services.api.main import create_app
from tests.api import small_version
from tests.api.wire import silent_port

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[2]
UVICORN = ("uvicorn", "services.api.main:create_app", "--factory")
ITSELF = ("services.api",)


def start(folder: Path, *module: str, port: int = 0, **variables: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "ARTIFACT_DIR": "artifacts",
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-m", *module, "--port", str(port)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path: Path) -> None:
    process = start(tmp_path, *ITSELF, EXCLUDE_EVENTS="rating,sale")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert "EXCLUDE_EVENTS" in errors


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLISH_ADDRESS", "0.0.0.0"),
        ("CACHE_TTL_SECONDS", "soon"),
        ("DATABASE_URL", "postgresql://user@host/db"),
        ("API_KEY_FILE", "no such file"),
        ("RULES", "{"),
    ],
)
def test_every_wrong_setting_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """In this process: another one takes a second to import."""
    monkeypatch.chdir(tmp_path)  # without anyone's .env
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stop:
        create_app()
    assert name in str(stop.value)
    assert "\n" not in str(stop.value)


@pytest.mark.parametrize("module", [UVICORN, ITSELF])
def test_it_starts_and_stops_by_itself(tmp_path: Path, module: tuple[str, ...]) -> None:
    version = small_version.publish_current(tmp_path / "artifacts")
    process = start(tmp_path, *module)
    assert process.stderr is not None
    log = ""
    while "Uvicorn running on" not in log:
        line = process.stderr.readline()
        assert line, log  # it ended
        log += line
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=60)
    assert f"serving version {version}" in log
    assert "Traceback" not in log + rest
    assert (tmp_path / "data" / "sommelier.sqlite").exists()


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with silent_port() as port:
        with pytest.raises(PortTaken, match=f"127.0.0.1, port {port}: Address already in use"):
            require_free("127.0.0.1", port)
        process = start(tmp_path, *ITSELF, "--check", port=port)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.count("\n")) == (1, 1)
    assert "make serve PORT=8010" in errors
    process = start(tmp_path, *ITSELF, "--check", port=70_000)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "invalid port_number value: '70000'" in errors) == (2, True)
