"""What is read of users at a request, on SQLite and on MySQL."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy.engine import URL, Engine

from services.api.live.reader import DatabaseReader
from services.api.live.users import Event, LiveUser, LiveUsers
from shared.database import storage, tables
from shared.database.engine import connect, migrate
from shared.database.tombstones import bury
from tests.api.interactions import NOW, record

pytestmark = pytest.mark.anyio
NOW_MS = round(NOW.timestamp() * 1000)


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[DatabaseReader]:
    database = DatabaseReader(engine.url, timeout=10)
    await database.open()
    yield database
    assert database.breaker.problem is None
    database.close()


async def read(database: DatabaseReader, user_id: str) -> LiveUser:
    """The user, read alone and among many."""
    users = LiveUsers(database)
    live, many = await users.read(user_id), await users.read_many(["another", user_id])
    assert live is not None
    assert many is not None
    assert many[user_id] == live
    return live


async def items(database: DatabaseReader, user_id: str) -> list[str]:
    return [event.item_id for event in (await read(database, user_id)).events]


def register(engine: Engine, user_id: str, attributes: dict[str, Any]) -> None:
    row = {"user_id": user_id, "attributes": attributes, "created_at": NOW}
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.users, [row])


async def test_events_go_oldest_first(database: DatabaseReader, engine: Engine) -> None:
    record(engine, "U1", "later", occurred_at=NOW + dt.timedelta(milliseconds=1))
    record(engine, "U1", "sooner", "next", event_type="view")
    record(engine, "U1", "sooner", occurred_at=NOW + dt.timedelta(days=1))
    record(engine, "another", "other")
    live = await read(database, "U1")
    assert live.events == [
        Event("sooner", "view", None, NOW_MS),
        Event("next", "view", None, NOW_MS),
        Event("later", "rating", 4.5, NOW_MS + 1),
        Event("sooner", "rating", 4.5, NOW_MS + 86_400_000),
    ]


async def test_ids_are_compared_byte_by_byte(database: DatabaseReader, engine: Engine) -> None:
    users = ("u1", "U1", "u1 ", "é", "e\u0301", "张伟", "🍷" * 64, "a/b", "%2F", "..")
    for user_id in users:
        record(engine, user_id, f"of {user_id[:60]}")
    for user_id in users:
        assert await items(database, user_id) == [f"of {user_id[:60]}"]
    assert await items(database, "u1  ") == []


async def test_what_users_declare(database: DatabaseReader, engine: Engine) -> None:
    attributes = {"user_type": "tech", "name": "张伟"}
    register(engine, "U1", attributes)
    register(engine, "U2", {})
    assert (await read(database, "U1")).attributes == attributes
    assert (await read(database, "U2")).attributes == {}
    assert (await read(database, "u1")).attributes is None


async def test_whoever_was_erased_is_nobody(database: DatabaseReader, engine: Engine) -> None:
    register(engine, "U1", {"name": "U1"})
    record(engine, "U1", "left behind")
    with engine.begin() as connection:
        bury(connection, "U1", NOW)
    live = await read(database, "U1")
    assert (live.is_erased, live.events, live.attributes) == (True, [], None)
    assert not (await read(database, "u1")).is_erased


async def test_whatever_is_new_changes_the_token(database: DatabaseReader, engine: Engine) -> None:
    users = LiveUsers(database)
    item = {"title": "", "categories": [], "attributes": {}, "is_active": True, "created_at": NOW}
    tokens = set()

    async def note() -> None:
        live = await users.read("U1")
        assert live is not None
        again = await users.read("U1")
        assert again is not None
        assert again.token == live.token
        tokens.add(live.token)

    await note()
    for item_ids in (("a",), ("a",), ("b", "c")):
        record(engine, "U1", *item_ids)
        await note()
    register(engine, "U1", {"a": 1})
    await note()
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.items, [{"item_id": "new", **item}])
    await note()
    assert len(tokens) == 6
    assert "" not in tokens  # stands for a database that is away


async def test_of_very_many_events_the_newest(database: DatabaseReader, engine: Engine) -> None:
    record(engine, "U1", *(f"i{number}" for number in range(10_003)))
    live = await read(database, "U1")
    assert (live.events[0].item_id, live.events[-1].item_id) == ("i3", "i10002")
    assert await LiveUsers(database).count("U1", live) == 10_003


async def test_more_users_than_one_query_takes(database: DatabaseReader, engine: Engine) -> None:
    user_ids = [f"U{number}" for number in range(250)]
    for user_id in user_ids[::50]:
        record(engine, user_id, f"of {user_id}")
    many = await LiveUsers(database).read_many(user_ids)
    assert many is not None
    assert list(many) == user_ids
    assert [user for user, live in many.items() if live.events] == user_ids[::50]
