"""Database or Redis away, killed or paused: requests go on without, and with them once back."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from shared.database.engine import connect, migrate
from tests.api.interactions import record
from tests.api.serving import Serve, eventually
from tests.api.small_version import TECH_ITEMS
from tests.api.wire import Wire, closed_port, silent_port

AWAY = pytest.mark.parametrize("away", [closed_port, silent_port], ids=["killed", "paused"])
TIMEOUTS = {"database_timeout_seconds": 1, "redis_timeout_seconds": 0.5}


def best_of(api: httpx.Client, user_id: str = "U10001") -> str:
    """The first item of the user's list, which must be answered."""
    answer = api.post("/recommend", json={"user_id": user_id, "top_n": 100})
    assert answer.status_code == 200, answer.text
    listed = [item["item_id"] for item in answer.json()["recommendations"]]
    if user_id == "U10001":  # what was seen at training is left out, come what may
        assert not set(listed) & set(TECH_ITEMS[:3])
    return str(listed[0])


def component(api: httpx.Client, name: str) -> str:
    return str(api.get("/health").json()["components"][name]["status"])


@pytest.mark.programs  # a second or more
@AWAY
@pytest.mark.usefixtures("version")
def test_it_starts_and_recommends_without_mysql(
    serve: Serve, away: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with away() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serve(database_url=url, **TIMEOUTS) as api:
            assert [best_of(api) for _ in range(3)] == ["TECH1019"] * 3
            assert best_of(api, "nobody") == "FASH1020"
            health = api.get("/health")
            assert (health.status_code, health.json()["status"]) == (200, "degraded")
            assert component(api, "database") == "unhealthy"
            assert api.get("/users").json()["total_count"] == 18
            known = api.get("/users/U10001").json()
            assert (known["known_to_model"], known["num_interactions"]) == (True, None)
            unknown = api.get("/users/nobody")
            assert (unknown.status_code, unknown.json()["title"]) == (503, "Database away")
    assert "secret" not in health.text + caplog.text


@pytest.mark.programs  # a second or more
@AWAY
@pytest.mark.usefixtures("version")
def test_it_starts_and_recommends_without_redis(serve: Serve, away: Any) -> None:
    with away() as port, _serve_with_redis(serve, port) as api:
        assert [best_of(api) for _ in range(3)] == ["TECH1019"] * 3
        assert api.get("/health").json()["status"] == "degraded"
        assert component(api, "cache") == "unhealthy"


def test_a_database_that_loses_its_tables_and_gets_them_back(
    api: httpx.Client, engine: Engine
) -> None:
    record(engine, "U10001", "TECH1019")
    assert best_of(api) == "TECH1018"

    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE interactions RENAME TO hidden"))
    assert best_of(api) == "TECH1019"  # as far as is known without the database
    eventually(lambda: component(api, "database") == "unhealthy")

    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE hidden RENAME TO interactions"))
    eventually(lambda: component(api, "database") == "healthy")
    assert best_of(api) == "TECH1018"


@pytest.mark.usefixtures("version")
def test_a_file_that_is_no_database(serve: Serve, tmp_path: Any) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 1000)
    with serve(database_url=f"sqlite:///{path}") as api:
        assert best_of(api) == "TECH1019"
        assert component(api, "database") == "unhealthy"


@pytest.fixture
def mysql(mysql_database: URL) -> Iterator[Engine]:
    engine = connect(mysql_database)
    migrate(engine)
    yield engine
    engine.dispose()


def _wire_to(url: URL) -> AbstractContextManager[Wire]:
    assert url.host is not None
    assert url.port is not None
    return Wire(url.host, url.port)


@pytest.mark.containers
@pytest.mark.usefixtures("version")
def test_mysql_is_paused_killed_and_back(serve: Serve, mysql: Engine) -> None:
    record(mysql, "U10001", "TECH1019")
    with _wire_to(mysql.url) as wire:
        url = mysql.url.set(host="127.0.0.1", port=wire.port)
        shown = url.render_as_string(hide_password=False)
        with serve(database_url=shown, **TIMEOUTS) as api:
            eventually(lambda: component(api, "database") == "healthy")
            for take_away, bring_back in ((wire.hold, wire.release), (wire.cut, wire.mend)):
                assert best_of(api) == "TECH1018"
                take_away()
                assert best_of(api) == "TECH1019"
                eventually(lambda: component(api, "database") == "unhealthy")
                assert best_of(api) == "TECH1019"
                bring_back()
                eventually(lambda: component(api, "database") == "healthy")
            assert best_of(api) == "TECH1018"
            record(mysql, "U10001", "TECH1018")
            assert best_of(api) == "TECH1017"


@pytest.mark.containers
@pytest.mark.usefixtures("version")
def test_redis_is_paused_killed_and_back(serve: Serve, redis_url: str) -> None:
    with _wire_to(sa.make_url(redis_url)) as wire, _serve_with_redis(serve, wire.port) as api:
        for take_away, bring_back in ((wire.hold, wire.release), (wire.cut, wire.mend)):
            assert best_of(api) == "TECH1019"
            take_away()
            assert best_of(api) == "TECH1019"
            eventually(lambda: component(api, "cache") == "unhealthy")
            assert best_of(api) == "TECH1019"
            bring_back()
            eventually(lambda: component(api, "cache") == "healthy")
        assert best_of(api) == "TECH1019"


def _serve_with_redis(serve: Serve, port: int) -> AbstractContextManager[httpx.Client]:
    return serve(redis_url=f"redis://127.0.0.1:{port}/0", **TIMEOUTS)
