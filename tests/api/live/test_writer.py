"""Transactions: all or nothing, within a time limit, and run again where they were in the way."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from services.api.ingest.event_store import Stored, store
from services.api.ingest.group_commit import GroupCommit, Rows
from services.api.live.circuit_breaker import CircuitBreaker
from services.api.live.writer import DatabaseWriter
from services.api.problems import DatabaseAway
from shared.database.engine import connect, migrate
from shared.database.storage import Row
from shared.database.tables import interactions, users
from tests.api.interactions import NOW
from tests.api.wire import Wire, closed_port, silent_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@asynccontextmanager
async def writing(url: URL, timeout: float = 10) -> AsyncIterator[DatabaseWriter]:
    writer = DatabaseWriter(url, timeout, CircuitBreaker("database", failures=(), timeout=1))
    yield writer
    writer.close()


def add_user(connection: Connection, user_id: str = "U1") -> str:
    connection.execute(sa.insert(users).values(user_id=user_id, attributes={}, created_at=NOW))
    return user_id


def user_ids(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(users.c.user_id).order_by(users.c.user_id)))


async def test_what_is_returned_is_committed(engine: Engine) -> None:
    async with writing(engine.url) as writer:
        assert await writer.transact(add_user) == "U1"
        assert user_ids(engine) == ["U1"]


async def test_a_failure_leaves_nothing_and_the_next_goes_on(engine: Engine) -> None:
    def fail(connection: Connection) -> None:
        add_user(connection)
        raise KeyError("defect")

    async with writing(engine.url) as writer:
        for _attempt in range(5):  # more than there are connections
            with pytest.raises(KeyError):
                await writer.transact(fail)
        assert user_ids(engine) == []
        assert await writer.transact(add_user) == "U1"


async def test_a_defect_in_a_statement_is_not_taken_for_an_outage(engine: Engine) -> None:
    async with writing(engine.url) as writer:
        await writer.transact(add_user)
        with pytest.raises(sa.exc.IntegrityError):
            await writer.transact(add_user)


async def test_a_read_is_of_the_same_moment_as_the_write(engine: Engine) -> None:
    """Two that count and then write, at once: neither counts what the other writes meanwhile."""

    def count_and_add(connection: Connection) -> int:
        # A locking read, as on SQLite every transaction that writes.
        query = sa.select(users.c.user_id).where(users.c.user_id >= "U").with_for_update()
        count = len(connection.scalars(query).all())
        add_user(connection, f"U{count}")
        return count

    async with writing(engine.url) as writer:
        await writer.transact(lambda connection: add_user(connection, "U"))
        counts: list[int] = []

        async def write() -> None:
            counts.append(await writer.transact(count_and_add))

        async with anyio.create_task_group() as tasks:
            for _writer in range(4):
                tasks.start_soon(write)
    assert sorted(counts) == [1, 2, 3, 4]


async def test_on_sqlite_what_was_read_holds_until_the_commit(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(tmp_path / "test.sqlite"))
    impatient = connect(url, timeout=0)
    migrate(impatient)

    def read_and_write(connection: Connection) -> None:
        assert connection.scalars(sa.select(users.c.user_id)).all() == []
        with pytest.raises(sa.exc.OperationalError, match="locked"), impatient.begin() as other:
            add_user(other, "U2")
        add_user(connection)

    async with writing(url) as writer:
        await writer.transact(read_and_write)
    assert user_ids(impatient) == ["U1"]
    impatient.dispose()


async def test_what_comes_too_late_is_not_committed(engine: Engine) -> None:
    go_on = threading.Event()
    done = threading.Event()

    def slow(connection: Connection) -> None:
        try:
            go_on.wait(timeout=10)
            add_user(connection)
        finally:
            done.set()

    async with writing(engine.url, timeout=0.05) as writer:
        with pytest.raises(DatabaseAway, match="not confirmed within"):
            await writer.transact(slow)
        go_on.set()
        assert await anyio.to_thread.run_sync(done.wait, 10)
    async with writing(engine.url) as writer:
        await writer.transact(lambda connection: add_user(connection, "U2"))
    assert user_ids(engine) == ["U2"]


async def test_an_open_breaker_refuses_without_asking(engine: Engine) -> None:
    breaker = CircuitBreaker("database", failures=(), timeout=1)
    breaker.problem = "no answer"
    writer = DatabaseWriter(engine.url, 10, breaker)
    with pytest.raises(DatabaseAway, match="nothing was written"):
        await writer.transact(add_user)
    writer.close()
    assert user_ids(engine) == []


async def test_a_slow_probe_stops_nobody_while_commits_go_through(engine: Engine) -> None:
    breaker = CircuitBreaker("database", failures=(), timeout=1)
    writer = DatabaseWriter(engine.url, 10, breaker)
    await writer.transact(add_user)
    breaker.problem = "no answer within 0.5 s"
    await writer.transact(lambda connection: add_user(connection, "U2"))
    writer.close()
    assert user_ids(engine) == ["U1", "U2"]


@pytest.mark.parametrize("away", [closed_port, silent_port], ids=["killed", "paused"])
async def test_a_server_that_is_away(
    away: Callable[[], AbstractContextManager[int]],
) -> None:
    with away() as port:
        url = URL.create("mysql+pymysql", "user", "secret", "127.0.0.1", port, "sommelier")
        async with writing(url, timeout=0.2) as writer:
            with pytest.raises(DatabaseAway) as caught:
                await writer.transact(add_user)
    assert "secret" not in str(caught.value)


@pytest.mark.containers
async def test_a_deadlock_is_run_again(mysql_database: URL) -> None:
    engine = connect(mysql_database)
    migrate(engine)
    both = threading.Barrier(2)

    def lock(connection: Connection, first: str, second: str, attempts: list[str]) -> None:
        attempts.append(first)
        for user_id in (first, second):
            query = sa.select(users.c.user_id).where(users.c.user_id == user_id)
            connection.scalars(query.with_for_update()).one()
            if len(attempts) == 1 and user_id == first:
                both.wait(timeout=10)

    async with writing(engine.url) as writer:
        await writer.transact(lambda connection: (add_user(connection, "A"), add_user(connection)))
        forth: list[str] = []
        back: list[str] = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.transact, lambda c: lock(c, "A", "U1", forth))
            tasks.start_soon(writer.transact, lambda c: lock(c, "U1", "A", back))
    assert sorted((len(forth), len(back))) == [1, 2]
    engine.dispose()


@pytest.mark.containers
async def test_a_row_that_another_holds_is_waited_for_and_then_refused(
    mysql_database: URL,
) -> None:
    engine = connect(mysql_database)
    migrate(engine)
    attempts = []

    def touch(connection: Connection) -> None:
        attempts.append(1)
        connection.execute(sa.update(users).values(created_at=NOW))

    async with writing(engine.url, timeout=2.5) as writer:
        await writer.transact(add_user)
        with engine.begin() as holder:
            holder.execute(sa.select(users).with_for_update()).all()
            with pytest.raises(DatabaseAway):
                await writer.transact(touch)
        assert len(attempts) == 2  # a second each; a third has no time
        await writer.transact(touch)
    engine.dispose()


@pytest.mark.containers
async def test_a_connection_that_was_killed_is_renewed(mysql_database: URL) -> None:
    engine = connect(mysql_database)
    migrate(engine)
    async with writing(engine.url) as writer:
        number = await writer.transact(lambda c: c.scalar(sa.select(sa.func.connection_id())))
        with engine.connect() as connection:
            connection.exec_driver_sql(f"KILL {number}")
        assert await writer.transact(add_user) == "U1"
    engine.dispose()


def event(event_id: str) -> Row:
    return {
        "event_id": event_id,
        "user_id": "U1",
        "item_id": "I1",
        "event_type": "view",
        "rating": None,
        "occurred_at": NOW,
        "recommendation_id": None,
        "created_at": NOW,
    }


@pytest.mark.containers
async def test_a_commit_whose_answer_is_lost_and_sent_again_is_a_duplicate(
    mysql_database: URL,
) -> None:
    engine = connect(mysql_database)
    migrate(engine)
    assert engine.url.host is not None
    assert engine.url.port is not None
    with Wire(engine.url.host, engine.url.port) as wire:
        muted: list[bool] = []

        def store_and_mute(connection: Connection, batches: Sequence[Rows]) -> list[Stored]:
            stored = store(connection, batches)
            if not muted:
                wire.mute()  # COMMIT still reaches the server
                muted.append(True)
            return stored

        async with writing(engine.url.set(host="127.0.0.1", port=wire.port), timeout=1) as writer:
            commits = GroupCommit(writer, store_and_mute)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(commits.run)
                with pytest.raises(DatabaseAway):
                    await commits.add([event("e1"), event("e2")])
                with engine.connect() as connection:
                    found = connection.scalars(sa.select(interactions.c.event_id)).all()
                assert sorted(found) == ["e1", "e2"]
                wire.release()
                answer = await commits.add([event("e1"), event("e2"), event("e3")])
                assert (answer.accepted, answer.duplicates) == (1, 2)
                tasks.cancel_scope.cancel()
    engine.dispose()
