"""Whose rows are: ids that were merged into a user stand for that user, and who was erased stays
out.

An id that was merged into a user is an alias of theirs for good. What is an alias's own user is
never an alias itself, so each is resolved in one step.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.storage import begin_to_write
from shared.database.tables import merges
from shared.database.tombstones import erased_among


@dataclass(frozen=True)
class Owners:
    """Whose rows are, by the ids that these come with: `aliases` has the user of each id that was
    merged into one; of the `erased` nothing is taken in."""

    aliases: Mapping[str, str]
    erased: frozenset[str]

    def of(self, user_id: str) -> str:
        """The id under which rows of `user_id` are stored."""
        return self.aliases.get(user_id, user_id)


THEIR_OWN = Owners({}, frozenset())
"""Whose rows are where nobody was merged or erased."""


def owners_of(connection: Connection, user_ids: Collection[str], *, hold: bool = True) -> Owners:
    """Whose rows those of these users are. With `hold` none of them is merged or erased before the
    transaction ends: rows that it writes cannot come too late.

    Two probes of empty tables where nobody was merged or erased.
    """
    aliases = aliases_among(connection, user_ids, hold=hold)
    owners = {aliases.get(u, u) for u in user_ids} if aliases else user_ids
    erased = erased_among(connection, owners, hold=hold)
    if not erased:
        return Owners(aliases, frozenset())
    return Owners(aliases, frozenset(u for u in user_ids if aliases.get(u, u) in erased))


def aliases_among(
    connection: Connection, user_ids: Collection[str], *, hold: bool = False
) -> dict[str, str]:
    """Those of the ids that were merged, and into whom. With `hold` none of them is merged before
    the transaction ends."""
    if not anyone_was_merged(connection, hold=hold):
        return {}
    query = sa.select(merges.c.user_id, merges.c.into_user_id).where(merges.c.user_id.in_(user_ids))
    if hold:
        query = query.with_for_update(read=True)
    return {row.user_id: row.into_user_id for row in connection.execute(query)}


def anyone_was_merged(connection: Connection, *, hold: bool = False) -> bool:
    """Whether there is any alias; with `hold` there is none before the transaction ends where
    not."""
    query = sa.select(merges.c.user_id).limit(1)
    if hold:
        begin_to_write(connection)
        query = query.with_for_update(read=True)
    return connection.scalar(query) is not None


def ids_of(connection: Connection, user_id: str, *, hold: bool = False) -> list[str]:
    """All ids of the person to whom `user_id` belongs, the one under which rows are stored first.
    With `hold` no other is merged before the transaction ends."""
    owner = sa.select(merges.c.into_user_id).where(merges.c.user_id == user_id)
    if hold:
        begin_to_write(connection)
        owner = owner.with_for_update()
    stored_under = connection.scalar(owner) or user_id
    aliases = (
        sa.select(merges.c.user_id)
        .where(merges.c.into_user_id == stored_under)
        .order_by(merges.c.merged_at, merges.c.user_id)
    )
    if hold:
        aliases = aliases.with_for_update()
    return [stored_under, *connection.scalars(aliases)]


def make_alias(connection: Connection, user_id: str, owner: str, now: dt.datetime) -> None:
    """Make an id, which is no alias yet, and all its aliases those of `owner`, who is none; waits
    for transactions that hold it."""
    row = {"user_id": user_id, "into_user_id": owner, "merged_at": now}
    connection.execute(sa.insert(merges), row)
    are_aliases = merges.c.into_user_id == user_id
    connection.execute(sa.update(merges).where(are_aliases).values(into_user_id=owner))


def forget_aliases(connection: Connection, user_ids: Collection[str]) -> None:
    """Delete what is kept of a person's ids: all of them are given."""
    are_theirs = merges.c.user_id.in_(user_ids) | merges.c.into_user_id.in_(user_ids)
    connection.execute(sa.delete(merges).where(are_theirs))
