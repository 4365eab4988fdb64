"""Merging a user into another: somebody who was known under an id of their own, such as a visitor
before logging in, and turns out to be a user whom we know.

Their interactions become that user's and their id an alias for good, in one transaction. Of more
than one takes, what is too much moves before: while there is no alias yet, a crash leaves nothing
that the same request does not finish.
"""

import datetime as dt
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.list_cache import ListCache
from services.api.live.writer import DatabaseWriter
from services.api.problems import MergeRefused
from services.api.schemas.merges import MergeRequest, MergeResponse
from shared.database.blank_rows import blank_user
from shared.database.merges import make_alias
from shared.database.removals import count_removal
from shared.database.tables import interactions, merges, users
from shared.database.timestamps import present
from shared.database.tombstones import erased_among

MOVED_AT_ONCE = 2_000  # in one transaction: .1 s, for which writers of these users wait


class Merge(NamedTuple):
    """Of which id into which user, who is no alias; since when, where it is made already."""

    alias: str
    owner: str
    merged_at: dt.datetime | None


class Merger:
    """Answers `POST /users/merge`."""

    def __init__(self, writer: DatabaseWriter, cache: ListCache) -> None:
        self._writer = writer
        self._cache = cache

    async def merge(self, request: MergeRequest) -> MergeResponse:
        """Merge; MergeRefused where one of the two was erased or belongs to somebody else,
        DatabaseAway where it is not known to be done."""
        moved = 0
        while surplus := await self._writer.transact(partial(_move_surplus, request=request)):
            moved += surplus
        now = present()
        merge, rest = await self._writer.transact(partial(_merge, request=request, now=now))
        forgotten = [await self._cache.forget_user(id_) for id_ in (merge.alias, merge.owner)]
        known = [count for count in forgotten if count is not None]
        return MergeResponse(
            user_id=merge.owner,
            alias=merge.alias,
            merged_at=merge.merged_at or now,
            interactions=moved + rest,
            cached_lists=sum(known) if len(known) == len(forgotten) else None,
        )


def _move_surplus(connection: Connection, request: MergeRequest) -> int:
    """Move interactions where there are more than one transaction takes; how many."""
    ids = _some_interactions(connection, request.alias, MOVED_AT_ONCE + 1)
    if len(ids) <= MOVED_AT_ONCE:
        return 0
    count_removal(connection)
    merge = _locked(connection, request)
    _require_not_erased(connection, merge)
    return _move(connection, ids[:MOVED_AT_ONCE], merge.owner)


def _merge(connection: Connection, request: MergeRequest, now: dt.datetime) -> tuple[Merge, int]:
    """Merge, and how many interactions there were to move."""
    count_removal(connection)  # first: merges are made one after the other, and never in a circle
    merge = _locked(connection, request)
    if merge.merged_at is None:
        make_alias(connection, merge.alias, merge.owner, now)
    _require_not_erased(connection, merge)
    # From here on no writer adds rows under the alias; these are all. A read any sooner would see
    # them as they were before the writers that were waited for.
    moved = _move(connection, _some_interactions(connection, merge.alias, None), merge.owner)
    _join_rows(connection, merge, now)
    return merge, moved


def _locked(connection: Connection, request: MergeRequest) -> Merge:
    """The merge that is asked for, which nobody changes before the transaction ends; MergeRefused
    where the ids belong to two users, or to one already the other way round."""
    query = sa.select(merges).where(merges.c.user_id.in_([request.alias, request.into]))
    known = {row.user_id: row for row in connection.execute(query.with_for_update())}
    owner = known[request.into].into_user_id if request.into in known else request.into
    if owner == request.alias:
        raise MergeRefused.of_one_user(request.alias, request.into)
    if request.alias not in known:
        return Merge(request.alias, owner, None)
    alias = known[request.alias]
    if alias.into_user_id != owner:
        raise MergeRefused.of_anothers(request.alias, alias.into_user_id)
    return Merge(request.alias, owner, alias.merged_at)


def _require_not_erased(connection: Connection, merge: Merge) -> None:
    """Neither of the two, until the transaction ends."""
    for user_id in sorted(erased_among(connection, [merge.alias, merge.owner], hold=True)):
        raise MergeRefused.of_erased(user_id)


def _some_interactions(connection: Connection, user_id: str, limit: int | None) -> list[int]:
    query = sa.select(interactions.c.id).where(interactions.c.user_id == user_id).limit(limit)
    return [*connection.scalars(query)]


def _move(connection: Connection, ids: list[int], owner: str) -> int:
    """By their ids: a search by user would lock what lies beside it, too."""
    for begin in range(0, len(ids), MOVED_AT_ONCE):
        are_some = interactions.c.id.in_(ids[begin : begin + MOVED_AT_ONCE])
        connection.execute(sa.update(interactions).where(are_some).values(user_id=owner))
    return len(ids)


def _join_rows(connection: Connection, merge: Merge, now: dt.datetime) -> None:
    """One row of the user's own: what both declare, and where they differ what the user does."""
    query = sa.select(users).where(users.c.user_id.in_([merge.alias, merge.owner]))
    rows = {row.user_id: row._asdict() for row in connection.execute(query.with_for_update())}
    old, own = rows.get(merge.alias), rows.get(merge.owner)
    if own is None:
        joined = (old or {"removed_at": None}) | {"user_id": merge.owner}
        connection.execute(sa.insert(users), blank_user(merge.owner, now) | joined)
    elif old is not None:
        is_owner = users.c.user_id == merge.owner
        connection.execute(sa.update(users).where(is_owner).values(_joined(old, own)))
    connection.execute(sa.delete(users).where(users.c.user_id == merge.alias))


def _joined(old: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    removals = [row["removed_at"] for row in (old, own) if row["removed_at"] is not None]
    return {
        "attributes": {**old["attributes"], **own["attributes"]},
        "created_at": min(old["created_at"], own["created_at"]),
        "removed_at": max(removals, default=None),
    }
