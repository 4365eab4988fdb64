"""Ids that were merged into users, on both databases."""

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from shared.database import tables
from shared.database.engine import connect, migrate
from shared.database.merges import (
    aliases_among,
    forget_aliases,
    ids_of,
    make_alias,
    owners_of,
)
from shared.database.storage import count, empty
from shared.database.tombstones import bury

NOW = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def merge(engine: Engine, alias: str, owner: str) -> None:
    with engine.begin() as connection:
        make_alias(connection, alias, owner, NOW)


def test_without_merges_everyone_is_themselves(engine: Engine) -> None:
    with engine.begin() as connection:
        owners = owners_of(connection, {"U1", "u1"})
        assert (owners.aliases, owners.erased) == ({}, frozenset())
        assert owners.of("U1") == "U1"
        assert ids_of(connection, "U1") == ["U1"]


def test_an_alias_stands_for_its_user_byte_by_byte(engine: Engine) -> None:
    merge(engine, "v1", "U1")
    with engine.begin() as connection:
        owners = owners_of(connection, {"v1", "V1", "v1 ", "U1", "U2"})
        assert owners.aliases == {"v1": "U1"}
        assert [owners.of(user_id) for user_id in ("v1", "v1 ", "U1")] == ["U1", "v1 ", "U1"]
        assert aliases_among(connection, ["v1", "U2"]) == {"v1": "U1"}
        assert ids_of(connection, "v1") == ids_of(connection, "U1") == ["U1", "v1"]


def test_aliases_follow_their_user(engine: Engine) -> None:
    merge(engine, "v1", "v2")
    merge(engine, "v0", "v2")
    merge(engine, "v2", "U1")
    with engine.begin() as connection:
        assert aliases_among(connection, ["v0", "v1", "v2", "U1"]) == {
            "v0": "U1",
            "v1": "U1",
            "v2": "U1",
        }
        assert ids_of(connection, "v1") == ["U1", "v0", "v1", "v2"]


def test_who_was_erased_is_told_by_the_id_that_was_sent(engine: Engine) -> None:
    merge(engine, "v1", "U1")
    with engine.begin() as connection:
        bury(connection, "U1", NOW)
        bury(connection, "U3", NOW)
    with engine.begin() as connection:
        assert owners_of(connection, {"v1", "U1", "U2", "U3"}).erased == {"v1", "U1", "U3"}


def test_forgotten_aliases_are_users_again(engine: Engine) -> None:
    merge(engine, "v1", "U1")
    merge(engine, "v2", "U2")
    with engine.begin() as connection:
        forget_aliases(connection, ids_of(connection, "v1"))
    with engine.begin() as connection:
        assert aliases_among(connection, ["v1", "v2"]) == {"v2": "U2"}


def test_an_emptied_database_has_no_aliases(engine: Engine) -> None:
    merge(engine, "v1", "U1")
    empty(engine)
    with engine.begin() as connection:
        assert count(connection, tables.merges) == 0


Look = Callable[[Connection], object]
LOOKS: dict[str, Look] = {
    "a writer": lambda connection: owners_of(connection, {"v0", "v1"}).aliases,
    "an erasure": lambda connection: ids_of(connection, "v1", hold=True)[1:],
}


@pytest.mark.parametrize("is_first", [True, False], ids=["first merge", "later merge"])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_a_merge_waits_for_whoever_looked_before_it(
    engine: Engine, look: Look, is_first: bool
) -> None:
    if not is_first:
        merge(engine, "another", "U9")
    order: list[str] = []

    def make() -> None:
        with engine.begin() as connection:
            make_alias(connection, "v1", "U1", NOW)
            order.append("merged")

    with ThreadPoolExecutor(1) as thread, engine.begin() as connection:
        assert not look(connection)
        merging = thread.submit(make)
        # It cannot end while this transaction holds: so short a wait only shows it where it does.
        assert not wait([merging], timeout=0.2).done
        row = {"user_id": "v1", "attributes": {}, "created_at": NOW}
        connection.execute(sa.insert(tables.users).values(row))
        order.append("written")
        connection.commit()
        merging.result()
    assert order == ["written", "merged"]
