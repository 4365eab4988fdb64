"""Erased users on both databases."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from shared import tables
from shared.database import connect, migrate
from shared.storage import empty
from shared.tombstones import bury, erased_among, read_salt

NOW = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def test_who_was_erased_stays_erased(engine: Engine) -> None:
    for _again in range(2):
        with engine.begin() as connection:
            bury(connection, "U1", NOW)
    empty(engine)
    with engine.begin() as connection:
        assert erased_among(connection, ["U1", "u1", "U1 ", "\udc80"], hold=True) == {"U1"}
        assert erased_among(connection, []) == set()


def test_a_tombstone_does_not_tell_whose_it_is(engine: Engine) -> None:
    with engine.begin() as connection:
        bury(connection, "U1", NOW)
        row = connection.execute(sa.select(tables.tombstones)).one()
        salt = read_salt(connection)
    assert "U1" not in str(row)
    assert len(salt) == 32
