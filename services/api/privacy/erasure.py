"""Erasing a user: the tombstone first, then all that is left of them, wherever it can be reached.

From the tombstone on what is left is refused and not served. Each step finds what is there, so
repeating a request finishes what an earlier one could not.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.list_cache import ListCache
from services.api.live.served_version import ServedVersion
from services.api.live.writer import DatabaseWriter
from services.api.problems import DatabaseAway, UnknownUser
from services.api.schemas.erasure import ErasureResponse, Removed
from shared.artifacts.erasure import ErasedVersions, erase_from_versions, is_in_a_version, one_user
from shared.artifacts.versions import version_names
from shared.database.tables import interactions, users
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
        """Erase the user; UnknownUser where nobody has heard of them, DatabaseAway where what is
        to be done cannot be, and has to be asked for again."""
        erased_at = await self._bury(user_id)
        num_interactions, num_users = await self._delete_rows(user_id)
        cached_lists = await self._cache.forget_user(user_id)
        versions = await self._in_thread(partial(_erase_from_versions, self._artifact_dir, user_id))
        await self._served.poll()
        return ErasureResponse(
            user_id=user_id,
            erased_at=erased_at,
            removed=Removed(
                interactions=num_interactions,
                user=num_users,
                cached_lists=cached_lists,
                versions=versions.erased,
            ),
            not_reached=self._not_reached(versions, cached_lists),
        )

    async def _bury(self, user_id: str) -> dt.datetime:
        now = _now()
        erased_at = await self._writer.transact(partial(_bury_known, user_id=user_id, now=now))
        if erased_at is not None:
            return erased_at
        if not await self._in_thread(partial(is_in_a_version, self._artifact_dir, user_id)):
            raise UnknownUser.of(user_id, "There is no user '{}' to erase")
        await self._writer.transact(partial(bury, user_id=user_id, now=now))
        return now

    async def _delete_rows(self, user_id: str) -> tuple[int, int]:
        """How many interactions there were, and whether there was a row of the user's own."""
        removed = 0
        try:
            while deleted := await self._writer.transact(partial(_delete_chunk, user_id=user_id)):
                removed += deleted
            return removed, await self._writer.transact(partial(_delete_user, user_id=user_id))
        except DatabaseAway as error:
            raise DatabaseAway(
                f"The database stopped answering while user '{user_id}' was erased: from now on "
                "nothing of them is served, but rows are left. Repeat the request to finish."
            ) from error

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._turn)

    def _not_reached(self, versions: ErasedVersions, cached_lists: int | None) -> list[str]:
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


def _now() -> dt.datetime:
    """In whole milliseconds, as the database keeps it."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _erase_from_versions(artifact_dir: Path, user_id: str) -> ErasedVersions:
    try:
        return erase_from_versions(artifact_dir, one_user(user_id))
    except OSError as error:  # such as a volume that is mounted read-only
        reason = f"the artifact folder cannot be written ({error.strerror})"
        return ErasedVersions(failed=dict.fromkeys(version_names(artifact_dir), reason))


def _bury_known(connection: Connection, user_id: str, now: dt.datetime) -> dt.datetime | None:
    """When the user was erased: now, where there are rows and no tombstone; else None."""
    erased_at = buried_at(connection, user_id)
    if erased_at is None and _has_rows(connection, user_id):
        bury(connection, user_id, now)
        return now
    return erased_at


def _has_rows(connection: Connection, user_id: str) -> bool:
    return any(
        connection.scalar(sa.select(sa.literal(1)).where(column == user_id).limit(1))
        for column in (users.c.user_id, interactions.c.user_id)
    )


def _delete_chunk(connection: Connection, user_id: str) -> int:
    chunk = sa.select(interactions.c.id).where(interactions.c.user_id == user_id).limit(CHUNK_ROWS)
    ids = connection.scalars(chunk).all()
    if not ids:
        return 0
    return connection.execute(sa.delete(interactions).where(interactions.c.id.in_(ids))).rowcount


def _delete_user(connection: Connection, user_id: str) -> int:
    return connection.execute(sa.delete(users).where(users.c.user_id == user_id)).rowcount
