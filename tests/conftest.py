"""Fixtures for tests against real servers, each started once a session.

`mysql_url` and `redis_url` are the servers' addresses; `mysql_database` is an empty database of
one's own for each test, and `database_url` the same once on SQLite and once on MySQL.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from docker import DockerClient
from docker import from_env as docker_from_env
from docker.errors import DockerException
from sqlalchemy.engine import URL

from shared.database.engine import connect
from tests.servers import mysql_server, redis_server, remove_leftovers

NO_ENGINE = "no Docker engine answers"

ON_BOTH = (
    pytest.param("sqlite"),
    pytest.param("mysql", marks=pytest.mark.containers),
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line how many tests were skipped for want of an engine."""
    skipped = terminalreporter.getreports("skipped")
    without_engine = sum(NO_ENGINE in str(report.longrepr) for report in skipped)
    if without_engine:
        terminalreporter.write_line(f"{NO_ENGINE}: {without_engine} container tests were skipped")


@pytest.fixture(scope="session")
def docker() -> Iterator[DockerClient]:
    """The engine's client. Without an engine the test is skipped; under `CI=true` it fails."""
    try:
        client = docker_from_env()
        client.ping()
    except DockerException as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{NO_ENGINE}: {error}")
        pytest.skip(NO_ENGINE)
    remove_leftovers(client)
    yield client
    client.close()


@pytest.fixture(scope="session")
def mysql_url(docker: DockerClient) -> Iterator[URL]:
    """The root account of a MySQL that the session shares, with the empty database `sommelier`."""
    with mysql_server() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(docker: DockerClient) -> Iterator[str]:
    """A Redis that the session shares: a test empties it first where that matters."""
    with redis_server() as url:
        yield url


@pytest.fixture
def mysql_database(mysql_url: URL) -> Iterator[URL]:
    """A database of this test's own on MySQL, without tables; dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    engine = connect(mysql_url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield mysql_url.set(database=name)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture(params=ON_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """A database of this test's own without tables, once on SQLite and once on MySQL."""
    if request.param == "sqlite":
        return URL.create("sqlite", database=str(tmp_path / "test.sqlite"))
    url = request.getfixturevalue("mysql_database")
    assert isinstance(url, URL)
    return url
