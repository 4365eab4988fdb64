"""Erasing a user: the tombstone first, then all that is left of them, wherever it can be reached.

From the tombstone on what is left is refused and not served. Each step finds what is there, so
repeating a request finishes what an earlier one could not.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import anyio
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.list_cache import ListCache
from services.api.live.served_version import ServedVersion
from services.api.live.writer import DatabaseWriter
from services.api.problems import DatabaseAway, UnknownUser
from services.api.schemas.erasure import ErasureResponse, Removed
from shared.artifacts.erasure import (
    ErasedVersions,
    erase_from_versions,
    is_in_a_version,
    these_users,
)
from shared.artifacts.versions import version_names
from shared.database.merges import forget_aliases, ids_of
from shared.database.removals import count_removal
from shared.database.tables import interactions, users
from shared.database.timestamps import present
from shared.database.tombstones import buried_at, bury

T = TypeVar("T")

CHUNK_ROWS = 2_000  # a transaction each: MySQL deletes 10,000 rows a second


class Eraser:
    """Answers `DELETE /users/{user_id}`."""

    def __init__(
        self,
        writer: DatabaseWriter,
        cache: ListCache,
        served: ServedVersion,
        artifact_dir: Path,
        cache_seconds: int,
    ) -> None:
        """Lists stay in `cache` for `cache_seconds` after their last use."""
        self._writer = writer
        self._cache = cache
        self._served = served
        self._artifact_dir = artifact_dir
        self._cache_seconds = cache_seconds
        # One at a time: they wait for the artifact folder's lock, and threads are for requests.
        self._turn = anyio.CapacityLimiter(1)

    async def erase(self, user_id: str) -> ErasureResponse:
        """Erase the person to whom the id belongs, under all their ids; UnknownUser where nobody
        has heard of them, DatabaseAway where what is to be done cannot be, and has to be asked for
        again."""
        person = await self._bury(user_id)
        num_interactions, num_users = await self._delete_rows(person.ids)
        cached_lists = await self._forget_lists(person.ids)
        versions = await self._in_thread(
            partial(_erase_from_versions, self._artifact_dir, person.ids)
        )
        if len(person.ids) > 1 and not versions.failed:
            await self._forget_ids(person.ids)
        await self._served.poll()
        return ErasureResponse(
            user_id=user_id,
            erased_at=person.erased_at,
            removed=Removed(
                ids=len(person.ids),
                interactions=num_interactions,
                user=num_users,
                cached_lists=cached_lists,
                versions=versions.erased,
            ),
            not_reached=self._not_reached(person, versions, cached_lists),
        )

    async def _bury(self, user_id: str) -> "Buried":
        now = present()
        buried = await self._writer.transact(partial(_bury_known, user_id=user_id, now=now))
        if buried is not None:
            return buried
        if not await self._in_thread(partial(is_in_a_version, self._artifact_dir, user_id)):
            raise UnknownUser.of(user_id, "There is no user '{}' to erase")
        return await self._writer.transact(partial(_bury_all, user_id=user_id, now=now))

    async def _delete_rows(self, ids: Sequence[str]) -> tuple[int, int]:
        """How many interactions there were, and how many rows of the user's own."""
        removed = 0
        with _told_to_repeat(ids):
            while deleted := await self._writer.transact(partial(_delete_chunk, ids=ids)):
                removed += deleted
            return removed, await self._writer.transact(partial(_delete_user, ids=ids))

    async def _forget_lists(self, ids: Sequence[str]) -> int | None:
        """How many cached lists there were; None where the cache does not answer."""
        counts = [await self._cache.forget_user(user_id) for user_id in ids]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    async def _forget_ids(self, ids: Sequence[str]) -> None:
        """Which ids were one person's, at last: until then a repeated request finds all of them."""
        with _told_to_repeat(ids):
            await self._writer.transact(partial(forget_aliases, user_ids=ids))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._turn)

    def _not_reached(
        self, person: "Buried", versions: ErasedVersions, cached_lists: int | None
    ) -> list[str]:
        sentences = [
            *where_files_may_be(self._artifact_dir),
            "Logs of whoever sends requests to this API, and of what stands between.",
        ]
        if cached_lists is None:
            sentences.append(
                "The cache does not answer: lists of the user stay there until they are "
                f"{self._cache_seconds} seconds old. They are not served."
            )
        for name, reason in versions.failed.items():
            sentences.append(
                f"Version {name} could not be cleaned: {reason}. Nothing of the user in it is "
                "served; repeat the request once this is mended."
            )
        if len(person.ids) > 1 and versions.failed:
            sentences.append(
                f"That {len(person.ids)} ids were one person's stays in the database until then, "
                "for the repeated request to find."
            )
        return sentences


def where_files_may_be(artifact_dir: Path) -> list[str]:
    """What neither an erasure nor an export looks through, in sentences."""
    sentences = [
        "Backups of the database and of the artifact volume.",
        "Files that were copied from here before: lists of all users, exports.",
    ]
    for folder, what in (
        ("rejects", "Rows that imports rejected"),
        ("batch", "Lists of all users"),
    ):
        if (artifact_dir / folder).is_dir() and any((artifact_dir / folder).iterdir()):
            sentences.append(f"{what}: the files under {folder}/ in the artifact folder.")
    return sentences


@contextmanager
def _told_to_repeat(ids: Sequence[str]) -> Iterator[None]:
    """Says what a database that goes away midway leaves."""
    try:
        yield
    except DatabaseAway as error:
        raise DatabaseAway(
            f"The database stopped answering while user '{ids[0]}' was erased: from now on "
            "nothing of them is served, but rows are left. Repeat the request to finish."
        ) from error


def _erase_from_versions(artifact_dir: Path, ids: Sequence[str]) -> ErasedVersions:
    try:
        return erase_from_versions(artifact_dir, these_users(ids))
    except OSError as error:  # such as a volume that is mounted read-only
        reason = f"the artifact folder cannot be written ({error.strerror})"
        return ErasedVersions(failed=dict.fromkeys(version_names(artifact_dir), reason))


class Buried(NamedTuple):
    """All ids of a person, the one under which their rows were stored first, and since when they
    are erased."""

    ids: Sequence[str]
    erased_at: dt.datetime


def _bury_known(connection: Connection, user_id: str, now: dt.datetime) -> Buried | None:
    """Set tombstones where there are rows, or were any; None where nobody has heard of the user."""
    ids = ids_of(connection, user_id, hold=True)
    if len(ids) == 1 and buried_at(connection, user_id) is None and not _has_rows(connection, ids):
        return None
    return _bury(connection, ids, now)


def _bury_all(connection: Connection, user_id: str, now: dt.datetime) -> Buried:
    return _bury(connection, ids_of(connection, user_id, hold=True), now)


def _bury(connection: Connection, ids: Sequence[str], now: dt.datetime) -> Buried:
    """Each that has no tombstone yet gets one; a second erasure keeps the moment of the first."""
    for each in ids:
        bury(connection, each, now)
    return Buried(ids, buried_at(connection, ids[0]) or now)


def _has_rows(connection: Connection, ids: Sequence[str]) -> bool:
    return any(
        connection.scalar(sa.select(sa.literal(1)).where(column.in_(ids)).limit(1))
        for column in (users.c.user_id, interactions.c.user_id)
    )


def _delete_chunk(connection: Connection, ids: Sequence[str]) -> int:
    chunk = sa.select(interactions.c.id).where(interactions.c.user_id.in_(ids)).limit(CHUNK_ROWS)
    rows = connection.scalars(chunk).all()
    if not rows:
        return 0
    return connection.execute(sa.delete(interactions).where(interactions.c.id.in_(rows))).rowcount


def _delete_user(connection: Connection, ids: Sequence[str]) -> int:
    """The last of the rows to go: from here on all who count interactions begin anew."""
    count_removal(connection)
    return connection.execute(sa.delete(users).where(users.c.user_id.in_(ids))).rowcount
