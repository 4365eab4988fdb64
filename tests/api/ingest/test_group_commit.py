"""Many requests, one commit: each gets its own answer, and nobody suffers for another."""

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from sqlalchemy.engine import URL, Connection

from services.api.ingest.group_commit import GROUP_ROWS, GroupCommit, Rows
from services.api.live.circuit_breaker import CircuitBreaker
from services.api.live.writer import DatabaseWriter
from services.api.problems import DatabaseAway

pytestmark = pytest.mark.anyio


class Ledger:
    """Keeps what is stored, group by group; holds the first until `release` is set."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.entered = threading.Event()
        self.release = threading.Event()

    def store(self, connection: Connection, batches: Sequence[Rows]) -> list[int]:
        """How many rows each of the requests has; KeyError where a row has no name."""
        self.entered.set()
        assert self.release.wait(timeout=10)
        for batch in batches:
            for row in batch:
                _ = row["name"]
        self.groups.append([len(batch) for batch in batches])
        return self.groups[-1]


class Answers(dict[str, object]):
    """What became of each request, by its name."""

    def __init__(self, commits: GroupCommit[int]) -> None:
        super().__init__()
        self._commits = commits

    async def ask(self, name: str, size: int = 1, field: str = "name") -> None:
        try:
            self[name] = await self._commits.add([{field: name}] * size)
        except (DatabaseAway, KeyError) as error:
            self[name] = error


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker("sqlite", failures=(), timeout=1)


@pytest.fixture
def writer(tmp_path: Path, breaker: CircuitBreaker) -> Iterator[DatabaseWriter]:
    writer = DatabaseWriter(URL.create("sqlite", database=str(tmp_path / "x.sqlite")), 10, breaker)
    yield writer
    writer.close()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@asynccontextmanager
async def committing(commits: GroupCommit[int]) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(commits.run)
        yield
        tasks.cancel_scope.cancel()


async def entered(ledger: Ledger) -> None:
    """The first commit is under way."""
    assert await anyio.to_thread.run_sync(ledger.entered.wait, 10)


async def test_one_alone_is_committed_at_once(writer: DatabaseWriter, ledger: Ledger) -> None:
    ledger.release.set()
    commits = GroupCommit(writer, ledger.store)
    async with committing(commits):
        assert await commits.add([{"name": "a"}]) == 1
        assert await commits.add([{"name": "b"}] * 3) == 3
    assert ledger.groups == [[1], [3]]


async def test_what_comes_during_a_commit_is_committed_together(
    writer: DatabaseWriter, ledger: Ledger
) -> None:
    commits = GroupCommit(writer, ledger.store)
    answers = Answers(commits)
    async with committing(commits), anyio.create_task_group() as clients:
        clients.start_soon(answers.ask, "first")
        await entered(ledger)
        for size in (1, 2, 3):
            clients.start_soon(answers.ask, str(size), size)
        await anyio.wait_all_tasks_blocked()
        ledger.release.set()
    assert ledger.groups == [[1], [1, 2, 3]]
    assert answers == {"first": 1, "1": 1, "2": 2, "3": 3}


async def test_a_group_has_a_bound(writer: DatabaseWriter, ledger: Ledger) -> None:
    commits = GroupCommit(writer, ledger.store)
    answers = Answers(commits)
    most = GROUP_ROWS - 1
    async with committing(commits), anyio.create_task_group() as clients:
        clients.start_soon(answers.ask, "first")
        await entered(ledger)
        for name in "abc":
            clients.start_soon(answers.ask, name, most)
        await anyio.wait_all_tasks_blocked()
        ledger.release.set()
    assert ledger.groups == [[1], [most, most], [most]]


async def test_who_gives_up_during_the_commit_does_not_stop_the_others(
    writer: DatabaseWriter, ledger: Ledger
) -> None:
    commits = GroupCommit(writer, ledger.store)
    answers = Answers(commits)
    async with committing(commits), anyio.create_task_group() as clients:
        clients.start_soon(answers.ask, "first")
        await entered(ledger)
        async with anyio.create_task_group() as leaving:
            leaving.start_soon(answers.ask, "leaves")
            clients.start_soon(answers.ask, "stays")
            await anyio.wait_all_tasks_blocked()
            leaving.cancel_scope.cancel()
        ledger.release.set()
    assert answers == {"first": 1, "stays": 1}
    assert ledger.groups == [[1], [1]]  # it was not under way yet, and nobody wants it


async def test_who_gives_up_does_not_take_back_what_is_under_way(
    writer: DatabaseWriter, ledger: Ledger
) -> None:
    commits = GroupCommit(writer, ledger.store)
    answers = Answers(commits)
    async with committing(commits):
        async with anyio.create_task_group() as leaving:
            leaving.start_soon(answers.ask, "leaves")
            await entered(ledger)
            leaving.cancel_scope.cancel()
        ledger.release.set()
        assert await commits.add([{"name": "next"}]) == 1
    assert ledger.groups == [[1], [1]]


async def test_a_defect_reaches_no_further_than_the_request_that_meets_it(
    writer: DatabaseWriter, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    commits = GroupCommit(writer, ledger.store)
    answers = Answers(commits)
    async with committing(commits):
        async with anyio.create_task_group() as clients:
            clients.start_soon(answers.ask, "first")
            await entered(ledger)
            clients.start_soon(answers.ask, "before")
            clients.start_soon(answers.ask, "defect", 1, "no name")
            clients.start_soon(answers.ask, "after")
            await anyio.wait_all_tasks_blocked()
            ledger.release.set()
        assert isinstance(answers.pop("defect"), KeyError)
        assert answers == {"first": 1, "before": 1, "after": 1}
        assert await commits.add([{"name": "later"}]) == 1
    assert "A commit of 3 requests failed" in caplog.text


async def test_at_the_end_who_waits_is_refused(writer: DatabaseWriter, ledger: Ledger) -> None:
    commits = GroupCommit(writer, ledger.store)
    answers = Answers(commits)
    async with anyio.create_task_group() as clients:
        async with committing(commits):
            clients.start_soon(answers.ask, "under way")
            await entered(ledger)
            clients.start_soon(answers.ask, "queued")
            await anyio.wait_all_tasks_blocked()
        ledger.release.set()
    assert answers.keys() == {"under way", "queued"}
    assert all("shutting down" in str(error) for error in answers.values())


async def test_an_open_breaker_refuses_at_once(
    writer: DatabaseWriter, ledger: Ledger, breaker: CircuitBreaker
) -> None:
    breaker.problem = "no answer"
    with pytest.raises(DatabaseAway):  # nobody runs: it would wait for ten seconds
        await GroupCommit(writer, ledger.store).add([{"name": "a"}])


async def test_waiting_in_the_queue_counts(
    tmp_path: Path, breaker: CircuitBreaker, ledger: Ledger
) -> None:
    writer = DatabaseWriter(
        URL.create("sqlite", database=str(tmp_path / "x.sqlite")), 0.05, breaker
    )
    with pytest.raises(DatabaseAway, match=r"within 0\.05 s"):
        await GroupCommit(writer, ledger.store).add([{"name": "a"}])  # nobody takes it
    writer.close()
