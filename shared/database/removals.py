"""Interactions that go, or become another user's: whoever follows the table by its newest ids has
to begin anew."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.tables import revisions

REMOVALS = "removals"
"""The name in `revisions` of what counts them."""

REMOVALS_REVISION = sa.select(revisions.c.value).where(revisions.c.name == REMOVALS)
"""How often interactions were removed or moved."""


def count_removal(connection: Connection) -> None:
    """Count a removal in the transaction that makes it.

    The counter's row stays locked until the commit: who counts before doing anything else is alone
    with whoever does the same.
    """
    statement = sa.update(revisions).where(revisions.c.name == REMOVALS)
    connection.execute(statement.values(value=revisions.c.value + 1))
