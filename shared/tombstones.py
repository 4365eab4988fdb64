"""Who was erased: a salted hash for each, by which whatever is left of them is refused.

The salt is made with the tables and never leaves the database: without it a hash tells nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.tables import salts, tombstones

SALT = "tombstones"


def read_salt(connection: Connection) -> bytes:
    """The database's own salt; it never changes."""
    return str(
        connection.scalars(sa.select(salts.c.salt).where(salts.c.name == SALT)).one()
    ).encode()


def digest(user_id: str, salt: bytes) -> str:
    """32 hex digits that stand for an erased user."""
    encoded = user_id.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=16, key=salt).hexdigest()


def erased_among(
    connection: Connection, user_ids: Iterable[str], *, hold: bool = False
) -> set[str]:
    """Those of the users who were erased. With `hold` nobody of them is erased before the
    transaction ends: rows that it writes cannot outlive an erasure."""
    salt = read_salt(connection)
    by_digest = {digest(user_id, salt): user_id for user_id in user_ids}
    query = sa.select(tombstones.c.digest).where(tombstones.c.digest.in_(by_digest))
    if hold:
        query = query.with_for_update(read=True)  # on MySQL; SQLite has one writer at a time
    return {by_digest[found] for found in connection.scalars(query)}


def bury(connection: Connection, user_id: str, now: dt.datetime) -> None:
    """Set a user's tombstone where there is none yet; waits for transactions that hold it."""
    mine = digest(user_id, read_salt(connection))
    is_there = sa.select(tombstones.c.digest).where(tombstones.c.digest == mine)
    if connection.scalar(is_there) is None:
        connection.execute(sa.insert(tombstones).values(digest=mine, erased_at=now))
