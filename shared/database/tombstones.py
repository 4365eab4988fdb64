"""Who was erased: a salted hash for each, by which whatever is left of them is refused.

The salt is made with the tables and never leaves the database: without it a hash tells nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.database.storage import begin_to_write, insert_missing
from shared.database.tables import salts, tombstones

SALT = "tombstones"


@dataclass(frozen=True)
class Erased:
    """Everyone who was erased until a moment."""

    salt: bytes
    digests: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.digests)

    def among(self, user_ids: Iterable[str]) -> list[int]:
        """The positions of those of the users who were erased."""
        if not self:  # hashing a million ids takes a second
            return []
        return [
            position
            for position, user_id in enumerate(user_ids)
            if digest(user_id, self.salt) in self.digests
        ]


def read_salt(connection: Connection) -> bytes:
    """The database's own salt; it never changes."""
    return str(
        connection.scalars(sa.select(salts.c.salt).where(salts.c.name == SALT)).one()
    ).encode()


def digest(user_id: str, salt: bytes) -> str:
    """32 hex digits that stand for an erased user."""
    encoded = user_id.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=16, key=salt).hexdigest()


def read_erased(connection: Connection) -> Erased:
    """Everyone who was erased until now."""
    return Erased(
        read_salt(connection), frozenset(connection.scalars(sa.select(tombstones.c.digest)))
    )


def erased_among(
    connection: Connection, user_ids: Iterable[str], *, hold: bool = False
) -> set[str]:
    """Those of the users who were erased. With `hold` nobody of them is erased before the
    transaction ends: rows that it writes cannot outlive an erasure."""
    if hold and not anyone_was_erased(connection):
        return set()
    salt = read_salt(connection)
    by_digest = {digest(user_id, salt): user_id for user_id in user_ids}
    query = sa.select(tombstones.c.digest).where(tombstones.c.digest.in_(by_digest))
    if hold:
        query = query.with_for_update(read=True)
    return {by_digest[found] for found in connection.scalars(query)}


def anyone_was_erased(connection: Connection) -> bool:
    """Whether there is any tombstone; nobody is erased before the transaction ends where not.

    One probe of an empty table, where to hash and look up each id takes 31 ms for 5,000.
    """
    begin_to_write(connection)
    query = sa.select(tombstones.c.digest).limit(1).with_for_update(read=True)
    return connection.scalar(query) is not None


def buried_at(connection: Connection, user_id: str) -> dt.datetime | None:
    """When the user was erased; None where they were not."""
    is_theirs = tombstones.c.digest == digest(user_id, read_salt(connection))
    return connection.scalar(sa.select(tombstones.c.erased_at).where(is_theirs))


def bury(connection: Connection, user_id: str, now: dt.datetime) -> None:
    """Set a user's tombstone where there is none yet; waits for transactions that hold it."""
    row = {"digest": digest(user_id, read_salt(connection)), "erased_at": now}
    insert_missing(connection, tombstones, [row])
