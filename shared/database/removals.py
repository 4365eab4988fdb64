"""Interactions that go, or become another user's: whoever follows the table by its newest ids has
to begin anew."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.tables import revisions, users

REMOVALS = "removals"
"""The name in `revisions` of what counts them."""

REMOVALS_REVISION = sa.select(revisions.c.value).where(revisions.c.name == REMOVALS)
"""How often interactions were removed or moved."""

EMPTYING = 2**32  # removals between one emptying and the next


def count_removal(connection: Connection) -> None:
    """Count a removal in the transaction that makes it.

    The counter's row stays locked until the commit: who counts before doing anything else is alone
    with whoever does the same.
    """
    _count(connection, revisions.c.value + 1)


def mark_removal(connection: Connection, user_ids: sa.Select[str], now: dt.datetime) -> None:
    """Let lists know of users of whom versions may remember what is no more."""
    are_theirs = users.c.user_id.in_(user_ids)
    connection.execute(sa.update(users).where(are_theirs).values(removed_at=now))


def count_emptying(connection: Connection) -> None:
    """Count that all interactions were removed: ids begin again."""
    value = revisions.c.value
    _count(connection, value - value % EMPTYING + EMPTYING)


def emptyings(revision: int) -> int:
    """How often all interactions were removed until a revision."""
    return revision // EMPTYING


def _count(connection: Connection, value: sa.ColumnElement[int]) -> None:
    is_removals = revisions.c.name == REMOVALS
    connection.execute(sa.update(revisions).where(is_removals).values(value=value))
