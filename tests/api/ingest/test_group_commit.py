"""Many requests, one commit: each gets its own answer, and nobody suffers for another."""

import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from sqlalchemy.engine import URL, Connection

from services.api.ingest.group_commit import GROUP_ROWS, GroupCommit, Rows
from services.api.live.circuit_breaker import Gate
from services.api.live.writer import Writer
from services.api.problems import DatabaseAway

pytestmark = pytest.mark.anyio


class Shelf:
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
def gate() -> Gate:
    return Gate("sqlite", failures=(), timeout=1)


@pytest.fixture
def writer(tmp_path: Path, gate: Gate) -> Iterator[Writer]:
    writer = Writer(URL.create("sqlite", database=str(tmp_path / "x.sqlite")), 10, gate)
    yield writer
    writer.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@asynccontextmanager
async def committing(commits: GroupCommit[int]) -> AsyncIterator[None]:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(commits.run)
        yield
        tasks.cancel_scope.cancel()


async def entered(shelf: Shelf) -> None:
    """The first commit is under way."""
    assert await anyio.to_thread.run_sync(shelf.entered.wait, 10)


async def test_one_alone_is_committed_at_once(writer: Writer, shelf: Shelf) -> None:
    shelf.release.set()
    commits = GroupCommit(writer, shelf.store)
    async with committing(commits):
        assert await commits.add([{"name": "a"}]) == 1
        assert await commits.add([{"name": "b"}] * 3) == 3
    assert shelf.groups == [[1], [3]]


async def test_what_comes_during_a_commit_is_committed_together(
    writer: Writer, shelf: Shelf
) -> None:
    commits = GroupCommit(writer, shelf.store)
    answers = Answers(commits)
    async with committing(commits), anyio.create_task_group() as clients:
        clients.start_soon(answers.ask, "first")
        await entered(shelf)
        for size in (1, 2, 3):
            clients.start_soon(answers.ask, str(size), size)
        await anyio.wait_all_tasks_blocked()
        shelf.release.set()
    assert shelf.groups == [[1], [1, 2, 3]]
    assert answers == {"first": 1, "1": 1, "2": 2, "3": 3}


async def test_a_group_has_a_bound(writer: Writer, shelf: Shelf) -> None:
    commits = GroupCommit(writer, shelf.store)
    answers = Answers(commits)
    most = GROUP_ROWS - 1
    async with committing(commits), anyio.create_task_group() as clients:
        clients.start_soon(answers.ask, "first")
        await entered(shelf)
        for name in "abc":
            clients.start_soon(answers.ask, name, most)
        await anyio.wait_all_tasks_blocked()
        shelf.release.set()
    assert shelf.groups == [[1], [most, most], [most]]


async def test_who_gives_up_during_the_commit_does_not_stop_the_others(
    writer: Writer, shelf: Shelf
) -> None:
    commits = GroupCommit(writer, shelf.store)
    answers = Answers(commits)
    async with committing(commits), anyio.create_task_group() as clients:
        clients.start_soon(answers.ask, "first")
        await entered(shelf)
        async with anyio.create_task_group() as leaving:
            leaving.start_soon(answers.ask, "leaves")
            clients.start_soon(answers.ask, "stays")
            await anyio.wait_all_tasks_blocked()
            leaving.cancel_scope.cancel()
        shelf.release.set()
    assert answers == {"first": 1, "stays": 1}
    assert shelf.groups == [[1], [1]]  # it was not under way yet, and nobody wants it


async def test_who_gives_up_does_not_take_back_what_is_under_way(
    writer: Writer, shelf: Shelf
) -> None:
    commits = GroupCommit(writer, shelf.store)
    answers = Answers(commits)
    async with committing(commits):
        async with anyio.create_task_group() as leaving:
            leaving.start_soon(answers.ask, "leaves")
            await entered(shelf)
            leaving.cancel_scope.cancel()
        shelf.release.set()
        assert await commits.add([{"name": "next"}]) == 1
    assert shelf.groups == [[1], [1]]


async def test_a_defect_reaches_no_further_than_the_request_that_meets_it(
    writer: Writer, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    commits = GroupCommit(writer, shelf.store)
    answers = Answers(commits)
    async with committing(commits):
        async with anyio.create_task_group() as clients:
            clients.start_soon(answers.ask, "first")
            await entered(shelf)
            clients.start_soon(answers.ask, "before")
            clients.start_soon(answers.ask, "defect", 1, "no name")
            clients.start_soon(answers.ask, "after")
            await anyio.wait_all_tasks_blocked()
            shelf.release.set()
        assert isinstance(answers.pop("defect"), KeyError)
        assert answers == {"first": 1, "before": 1, "after": 1}
        assert await commits.add([{"name": "later"}]) == 1
    assert "A commit of 3 requests failed" in caplog.text


async def test_at_the_end_who_waits_is_refused(writer: Writer, shelf: Shelf) -> None:
    commits = GroupCommit(writer, shelf.store)
    answers = Answers(commits)
    async with anyio.create_task_group() as clients:
        async with committing(commits):
            clients.start_soon(answers.ask, "under way")
            await entered(shelf)
            clients.start_soon(answers.ask, "queued")
            await anyio.wait_all_tasks_blocked()
        shelf.release.set()
    assert answers.keys() == {"under way", "queued"}
    assert all("shutting down" in str(error) for error in answers.values())


async def test_a_closed_gate_refuses_at_once(writer: Writer, shelf: Shelf, gate: Gate) -> None:
    gate.problem = "no answer"
    with pytest.raises(DatabaseAway):  # nobody runs: it would wait for ten seconds
        await GroupCommit(writer, shelf.store).add([{"name": "a"}])


async def test_waiting_in_the_queue_counts(tmp_path: Path, gate: Gate, shelf: Shelf) -> None:
    writer = Writer(URL.create("sqlite", database=str(tmp_path / "x.sqlite")), 0.05, gate)
    with pytest.raises(DatabaseAway, match=r"within 0\.05 s"):
        await GroupCommit(writer, shelf.store).add([{"name": "a"}])  # nobody takes it
    writer.close()
