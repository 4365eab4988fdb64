"""Interactions that go, or become another user's: whoever follows the table by its newest ids has
to begin anew."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.tables import revisions

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
