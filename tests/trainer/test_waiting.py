"""The first training begins by itself: when there is enough, and not before."""

import datetime as dt
import itertools
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from services.trainer.waiting import QUIET_SECONDS, FirstTraining, LoadsUnderWay
from shared.artifacts.current import current_version
from shared.database.tables import loads
from tests.api import small_version
from tests.api.serving import eventually
from tests.api.wire import closed_port
from tests.trainer.events import add, event

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)


def views(users: int, items: int = 20, first: int = 0) -> Iterator[dict[str, object]]:
    """As many interactions as users times items."""
    for user, item in itertools.product(range(first, first + users), range(items)):
        yield dict(event(f"u{user}", f"i{item}", None, user, "view"))


class Steps:
    """What happens before each look, in this order; after the last one nobody looks any more."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = steps

    def __iter__(self) -> Iterator[object]:
        for step in self.steps:
            yield step()


@pytest.fixture
def artifact_dir(tmp_path: Path) -> Path:
    return tmp_path / "artifacts"


def nothing() -> None:
    pass


def wait(
    engine: Engine,
    artifact_dir: Path,
    *steps: Callable[[], object],
    publishes: bool = True,
    under_way: LoadsUnderWay | None = None,
) -> int:
    """How many trainings were begun."""
    begun: list[int] = []

    def train() -> bool:
        begun.append(1)
        return publishes

    first = FirstTraining(
        engine.url, artifact_dir, 300, train, under_way=under_way or LoadsUnderWay()
    )
    first.run(Steps(*steps))
    return len(begun)


def test_it_begins_once_there_is_enough_and_ends(
    engine: Engine, artifact_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def a_few() -> None:
        add(engine, *views(10))

    def enough() -> None:
        add(engine, *views(5, first=10))

    def too_late() -> None:
        pytest.fail("it looks again after its training")

    assert wait(engine, artifact_dir, nothing, nothing, a_few, nothing, enough, too_late) == 1
    said = [record.getMessage() for record in caplog.records if "waits" in record.getMessage()]
    assert said == ["The first training waits: 0 of 300 interactions."]


def test_a_version_that_is_current_ends_it_at_once(engine: Engine, artifact_dir: Path) -> None:
    add(engine, *views(15))
    small_version.publish_current(artifact_dir)
    assert wait(engine, artifact_dir, nothing, lambda: pytest.fail("it goes on")) == 0


def test_a_version_that_others_trained_meanwhile_ends_it(
    engine: Engine, artifact_dir: Path
) -> None:
    def others_train() -> None:
        small_version.publish_current(artifact_dir)
        add(engine, *views(15))

    steps = (nothing, others_train, lambda: pytest.fail("it goes on"))
    assert wait(engine, artifact_dir, *steps) == 0


def test_what_finds_the_data_unsuitable_waits_for_more(
    engine: Engine, artifact_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def a_little_more() -> None:
        add(engine, *views(1, first=20))

    def enough_more() -> None:
        add(engine, *views(20, first=30))

    add(engine, *views(20))
    steps = (nothing, a_little_more, enough_more)
    assert wait(engine, artifact_dir, *steps, publishes=False) == 2
    assert "tried again with 700 interactions" in caplog.text


def test_a_load_that_goes_on_is_waited_for(engine: Engine, artifact_dir: Path) -> None:
    now = 0.0
    under_way = LoadsUnderWay(clock=lambda: now)
    add(engine, *views(20))

    def load(**values: object) -> None:
        with engine.begin() as connection:
            connection.execute(sa.update(loads).values(values))

    def grows() -> None:
        nonlocal now
        now += QUIET_SECONDS
        load(rows_added=loads.c.rows_added + 1)

    def is_done() -> None:
        load(finished_at=NOW)

    def stands_still() -> None:
        nonlocal now
        now += QUIET_SECONDS

    with engine.begin() as connection:
        row = {"kind": "import", "settings": {}, "rows_added": 0, "started_at": NOW}
        connection.execute(sa.insert(loads).values(row))
    assert wait(engine, artifact_dir, nothing, grows, grows, nothing, under_way=under_way) == 0
    assert wait(engine, artifact_dir, grows, is_done, under_way=under_way) == 1
    load(finished_at=None)
    assert wait(engine, artifact_dir, nothing, stands_still, under_way=under_way) == 1


def test_a_database_that_is_away_is_waited_for_and_said_once(
    artifact_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with closed_port() as port:
        url = URL.create("mysql+pymysql", "user", host="127.0.0.1", port=port, database="d")
        FirstTraining(url, artifact_dir, 300, lambda: True).run(Steps(nothing, nothing, nothing))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("The first training waits for the database: ")


def program(folder: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite:///{folder / 'test.sqlite'}",
        "ARTIFACT_DIR": str(folder / "artifacts"),
        "MODEL": "popularity",
        **variables,
    }
    command = [sys.executable, "-m", "services.trainer", "--when-enough", "--poll", "0.1", *options]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.programs
def test_the_program_waits_without_torch_trains_and_ends(engine: Engine, tmp_path: Path) -> None:
    process = program(tmp_path, TRAIN_AFTER="300")
    assert process.stderr is not None
    assert "waits: 0 of 300" in process.stderr.readline()
    assert "torch" not in Path(f"/proc/{process.pid}/maps").read_text()
    add(engine, *views(20))
    _, log = process.communicate(timeout=120)
    assert process.returncode == 0
    version = current_version(tmp_path / "artifacts")
    assert f"Version {version} is current" in log
    again = program(tmp_path)
    _, log = again.communicate(timeout=60)
    assert (again.returncode, "nothing to wait for" in log) == (0, True)


@pytest.mark.programs
def test_the_program_says_why_it_could_not_train(engine: Engine, tmp_path: Path) -> None:
    add(engine, *views(20))
    process = program(tmp_path, TRAIN_AFTER="300", MODEL="als")
    assert process.stderr is not None
    log = ""
    while "tried again" not in log:
        log += process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert "'MODEL' has value 'als', which learns from ratings" in log
    assert "tried again with 700 interactions" in log


@pytest.mark.programs
def test_a_program_that_stays_rests_until_it_is_stopped(engine: Engine, tmp_path: Path) -> None:
    small_version.publish_current(tmp_path / "artifacts")
    process = program(tmp_path, "--stay")
    assert process.stderr is not None
    assert "nothing to wait for" in process.stderr.readline()
    eventually(lambda: b"-S" in Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0"))
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
