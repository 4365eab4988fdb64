import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.generator.__main__ import main
from services.generator.generating.size import SizeError
from shared.errors import SommelierError

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[2]
SIZE = ("--users", "300", "--items", "150", "--interactions", "12000")

# Dies at the third batch of interactions, after two were committed.
KILLED_AT_THE_THIRD_BATCH = """
import os, signal, sys
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from services.generator.__main__ import main

batches = 0

def die(connection, cursor, statement, *_):
    global batches
    batches += statement.startswith("INSERT INTO interactions (event_id")
    if batches == 3:
        os.kill(os.getpid(), signal.SIGKILL)

sa.event.listen(Engine, "after_cursor_execute", die)
main(sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no .env
    monkeypatch.setenv("DATABASE_URL", "sqlite:///test.sqlite")
    monkeypatch.setenv("ARTIFACT_DIR", "artifacts")


def events() -> list[str]:
    engine = sa.create_engine("sqlite:///test.sqlite")
    with engine.connect() as connection:
        found = list(connection.scalars(sa.text("SELECT event_id FROM interactions ORDER BY id")))
    engine.dispose()
    return found


def test_killed_half_way_and_run_again_it_completes_without_duplicates() -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_THIRD_BATCH, "generate", *SIZE],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    half = events()
    assert len(half) == 10_000
    main(["generate", *SIZE])
    completed = events()
    assert completed[:10_000] == half
    assert len(set(completed)) == len(completed) == 12_000
    manifest = Path("artifacts/truth/manifest.json").read_bytes()
    main(["generate", *SIZE, "--reset"])
    assert events() == completed
    assert Path("artifacts/truth/manifest.json").read_bytes() == manifest


def test_defaults_come_from_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENERATE_USERS", "20")
    monkeypatch.setenv("GENERATE_ITEMS", "40")
    monkeypatch.setenv("GENERATE_INTERACTIONS", "250")
    main(["generate", "--seed", "3"])
    assert len(events()) == 250


def test_a_wrong_size_changes_nothing_even_with_reset() -> None:
    main(["generate", "--users", "20", "--items", "40", "--interactions", "250"])
    with pytest.raises(SizeError, match="--users 3"):
        main(["generate", "--users", "3", "--reset"])
    assert len(events()) == 250


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(SommelierError, match="--seed -1"):
        main(["generate", "--seed", "-1"])


def test_a_file_can_be_imported() -> None:
    Path("views.csv").write_text("user,item\nu1,i1\nu1,i2\n", encoding="utf-8")
    main(["import", "views.csv", "--user", "user", "--item", "item"])
    assert len(events()) == 2


def test_a_demonstration_is_generated_unless_it_is_off(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    size = ("--users", "20", "--items", "40", "--interactions", "250")
    monkeypatch.setenv("DEMO_DATA", "off")
    main(["generate", "--demo", *size])
    assert "DEMO_DATA is off: nothing is generated." in caplog.text
    assert not Path("test.sqlite").exists()
    monkeypatch.setenv("DEMO_DATA", "on")
    main(["generate", "--demo", *size])
    assert len(events()) == 250


def test_who_asks_for_generated_data_gets_it_though_demonstrations_are_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEMO_DATA", "off")
    main(["generate", "--users", "20", "--items", "40", "--interactions", "250"])
    assert len(events()) == 250


def test_nothing_is_generated_beside_what_was_imported_first() -> None:
    Path("views.csv").write_text("user,item\nu1,i1\nu1,i2\n", encoding="utf-8")
    main(["import", "views.csv"])
    main(["generate", "--demo"])
    assert len(events()) == 2
