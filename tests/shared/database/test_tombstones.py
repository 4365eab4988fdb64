"""Erased users on both databases."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from shared.database import tables
from shared.database.engine import connect, migrate
from shared.database.storage import count, empty
from shared.database.tombstones import (
    anyone_was_erased,
    buried_at,
    bury,
    erased_among,
    read_erased,
    read_salt,
)

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


def test_a_second_erasure_keeps_the_moment_of_the_first(engine: Engine) -> None:
    with engine.begin() as connection:
        assert buried_at(connection, "U1") is None
        bury(connection, "U1", NOW)
        bury(connection, "U1", NOW + dt.timedelta(days=1))
        assert (buried_at(connection, "U1"), buried_at(connection, "u1")) == (NOW, None)


def test_everyone_who_was_erased_is_told_at_once(engine: Engine) -> None:
    with engine.begin() as connection:
        assert not anyone_was_erased(connection)
        assert not read_erased(connection)
        bury(connection, "U2", NOW)
    with engine.begin() as connection:
        assert anyone_was_erased(connection)
        erased = read_erased(connection)
    assert erased
    assert erased.among(["U1", "U2", "u2", "\udc80", "U2"]) == [1, 4]


def test_two_erasures_of_a_user_at_once_leave_one_tombstone(engine: Engine) -> None:
    at_once = threading.Barrier(8)

    def erase() -> None:
        at_once.wait()
        with engine.begin() as connection:
            bury(connection, "U1", NOW)

    with ThreadPoolExecutor(8) as threads:
        for erasure in [threads.submit(erase) for _ in range(8)]:
            erasure.result()
    with engine.connect() as connection:
        assert count(connection, tables.tombstones) == 1


Check = Callable[[Connection], object]
CHECKS: dict[str, Check] = {
    "that user": lambda connection: erased_among(connection, ["U0", "U1"], hold=True),
    "anyone": anyone_was_erased,
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_an_erasure_waits_for_rows_whose_writer_looked_before_it(
    engine: Engine, check: Check
) -> None:
    order: list[str] = []

    def erase() -> None:
        with engine.begin() as connection:
            bury(connection, "U1", NOW)
            order.append("erased")

    with ThreadPoolExecutor(1) as thread, engine.begin() as connection:
        assert not check(connection)
        erasure = thread.submit(erase)
        # It cannot end while this transaction holds: so short a wait only shows it where it does.
        assert not wait([erasure], timeout=0.2).done
        connection.execute(
            sa.insert(tables.users).values(user_id="U1", attributes={}, created_at=NOW)
        )
        order.append("written")
        connection.commit()
        erasure.result()
    assert order == ["written", "erased"]
