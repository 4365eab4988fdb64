"""What is read of a user, on SQLite and on MySQL."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.engine import URL, Engine

from services.api.database import LiveDatabase
from services.api.history import Histories
from services.api.users import UserRecord, read_user
from shared import storage, tables
from shared.database import connect, migrate
from tests.api.interactions import NOW, record

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[LiveDatabase]:
    database = LiveDatabase(engine.url, timeout=10)
    await database.open()
    yield database
    assert database.gate.problem is None
    database.close()


async def read(database: LiveDatabase, user_id: str, *event_types: str) -> list[str]:
    history = await Histories(database, event_types or tables.EVENT_TYPES).read(user_id)
    assert history is not None
    assert history.counts_every_event is not bool(event_types)
    return list(history.item_ids)


async def test_a_history_goes_oldest_first(database: LiveDatabase, engine: Engine) -> None:
    record(engine, "U1", "later", occurred_at=NOW + dt.timedelta(milliseconds=1))
    record(engine, "U1", "sooner", "next")
    record(engine, "U1", "sooner", occurred_at=NOW + dt.timedelta(days=1))
    assert await read(database, "U1") == ["sooner", "next", "later", "sooner"]


async def test_ids_are_compared_byte_by_byte(database: LiveDatabase, engine: Engine) -> None:
    users = ("u1", "U1", "u1 ", "é", "e\u0301", "张伟", "🍷" * 64, "a/b", "%2F", "..")
    for user_id in users:
        record(engine, user_id, f"of {user_id[:60]}")
    for user_id in users:
        assert await read(database, user_id) == [f"of {user_id[:60]}"]
    assert await read(database, "u1  ") == []


async def test_events_that_do_not_count_are_left_out(
    database: LiveDatabase, engine: Engine
) -> None:
    record(engine, "U1", "viewed", event_type="view")
    record(engine, "U1", "bought", event_type="purchase")
    assert await read(database, "U1", "purchase", "cart") == ["bought"]


async def test_every_interaction_changes_the_token(database: LiveDatabase, engine: Engine) -> None:
    histories = Histories(database, tables.EVENT_TYPES)
    tokens = set()
    for item_ids in ((), ("a",), ("a",), ("b", "c")):
        record(engine, "U1", *item_ids)
        history = await histories.read("U1")
        assert history is not None
        tokens.add(history.token)
    assert len(tokens) == 4
    assert "" not in tokens  # stands for a database that is away


async def test_the_record_of_a_user(database: LiveDatabase, engine: Engine) -> None:
    attributes = {"user_type": "tech", "name": "张伟"}
    with engine.begin() as connection:
        user = {"user_id": "U1", "attributes": attributes, "created_at": NOW}
        storage.insert_missing(connection, tables.users, [user])
    record(engine, "U1", *(f"i{number}" for number in range(12)))
    found = await database.ask(lambda connection: read_user(connection, "U1"))
    assert found is not None
    assert (found.attributes, found.num_interactions) == (attributes, 12)
    assert [one.item_id for one in found.latest] == [f"i{number}" for number in range(11, 1, -1)]
    assert found.latest[0].occurred_at == NOW
    assert await database.ask(lambda connection: read_user(connection, "u1")) == UserRecord(
        attributes=None, num_interactions=0, latest=[]
    )
