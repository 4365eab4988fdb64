"""How much there is to train on, counted no further than it matters."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.tables import interactions

LEAST_USERS = 10  # with fewer there is nobody to learn from what others like
LEAST_ITEMS = 10  # the length of a list


def count_interactions(connection: Connection, most: int) -> int:
    """How many interactions there are, at most `most`: to count ten million takes seconds."""
    return _count(connection, sa.select(interactions.c.id), most)


def missing(connection: Connection, enough: int) -> str | None:
    """What the first training lacks, in words, where `enough` interactions would do; None where it
    lacks nothing."""
    for what, query, most in (
        ("interactions", sa.select(interactions.c.id), enough),
        ("users with interactions", sa.select(interactions.c.user_id).distinct(), LEAST_USERS),
        ("items with interactions", sa.select(interactions.c.item_id).distinct(), LEAST_ITEMS),
    ):
        found = _count(connection, query, most)
        if found < most:
            return f"{found:,} of {most:,} {what}"
    return None


def _count(connection: Connection, query: sa.Select[tuple[object]], most: int) -> int:
    limited = query.limit(most).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(limited)) or 0
