"""The database: users, items, what the ones did to the others, and where that came from.

Ids are the caller's own strings, compared byte by byte. Events carry no foreign keys: an event is
never refused for want of its user's or item's row, and bulk loads stay fast.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

ID_LENGTH = 64  # characters
TITLE_LENGTH = 500
CATEGORY_LENGTH = 200  # of one name
CATEGORY_SEPARATOR = "|"  # between the names where several stand in one text
EVENT_TYPE_LENGTH = 32
RECOMMENDATION_ID_LENGTH = 128


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """An aware UTC time in whole milliseconds: DATETIME(3) on MySQL, ISO 8601 text on SQLite."""

    impl = sa.String(24)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "mysql":
            return dialect.type_descriptor(mysql.DATETIME(fsp=3))
        return dialect.type_descriptor(sa.String(24))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        # 1 µs; with a format it takes 5, and a row has two of them.
        text = value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        return text if dialect.name == "mysql" else f"{text}Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
        return moment.replace(tzinfo=dt.UTC)


class epoch_ms(sa.sql.functions.FunctionElement[int]):
    """A UtcDateTime column as milliseconds since 1970, computed by the database.

    Parsing ten million DATETIMEs in Python takes longer than training on them.
    """

    inherit_cache = True
    type = sa.BigInteger()


@compiles(epoch_ms, "mysql")
def _epoch_ms_mysql(element: epoch_ms, compiler: SQLCompiler, **kwargs: Any) -> str:
    column = compiler.process(element.clauses, **kwargs)
    return f"(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {column}) DIV 1000)"


@compiles(epoch_ms, "sqlite")
def _epoch_ms_sqlite(element: epoch_ms, compiler: SQLCompiler, **kwargs: Any) -> str:
    column = compiler.process(element.clauses, **kwargs)
    return f"(strftime('%s', {column}) * 1000 + CAST(substr({column}, 21, 3) AS INTEGER))"


def from_epoch_ms(milliseconds: int) -> dt.datetime:
    """The aware UTC time of `milliseconds` since 1970, before 1970 too."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds)


# `utf8mb4_bin` pads ('U1' = 'U1 ') and the default ignores case: only this one compares bytes.
def _id() -> sa.types.TypeEngine[str]:
    return sa.String(ID_LENGTH).with_variant(
        mysql.VARCHAR(ID_LENGTH, charset="utf8mb4", collation="utf8mb4_0900_bin"), "mysql"
    )


def _counter() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


# By itself MySQL's DOUBLE comes back as a Decimal, rounded to ten digits.
_double = sa.Float(53).with_variant(mysql.DOUBLE(asdecimal=False), "mysql")

metadata = sa.MetaData()

users = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", _id(), primary_key=True),
    sa.Column("attributes", sa.JSON, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # When an interaction of theirs was removed last: versions from before still know it.
    sa.Column("removed_at", UtcDateTime),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("item_id", _id(), primary_key=True),
    sa.Column("title", sa.String(TITLE_LENGTH), nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),  # a list of names
    sa.Column("attributes", sa.JSON, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # The catalogue's revision at which this row was written last.
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ix_items_revision", "revision"),
)

interactions = sa.Table(
    "interactions",
    metadata,
    # The trainer reads in the order of `id`.
    sa.Column("id", _counter(), primary_key=True, autoincrement=True),
    sa.Column("event_id", _id(), nullable=False, unique=True),
    sa.Column("user_id", _id(), nullable=False),
    sa.Column("item_id", _id(), nullable=False),
    sa.Column("event_type", sa.String(EVENT_TYPE_LENGTH), nullable=False),
    sa.Column("rating", _double),
    # How much of it there was, where that is no rating: hours, a quantity, an amount.
    sa.Column("value", _double),
    sa.Column("occurred_at", UtcDateTime),  # null: nobody knows when
    sa.Column("recommendation_id", sa.String(RECOMMENDATION_ID_LENGTH)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("load_id", sa.BigInteger),  # the generation or import that brought it
    # One user's latest history, newest last.
    sa.Index("ix_interactions_history", "user_id", "occurred_at", "id"),
    # How many interactions an item has, and of how many users.
    sa.Index("ix_interactions_item", "item_id", "user_id"),
)

loads = sa.Table(
    "loads",
    metadata,
    # One row for each generation or import: what it was asked for and whether it finished.
    sa.Column("id", _counter(), primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(16), nullable=False),  # generate, import, items, users
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("rating_min", _double),  # the declared rating scale, where there is one
    sa.Column("rating_max", _double),
    sa.Column("rows_added", sa.BigInteger, nullable=False),
    sa.Column("rows_present", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_rejected", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),  # null: interrupted
)

revisions = sa.Table(
    "revisions",
    metadata,
    # Counts changes of one kind, by the writers themselves and in the order of their commits:
    # who knows a number knows whether there is something new.
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    # Users who were erased: a salted hash of the id, which never comes in again.
    sa.Column("digest", sa.String(32), primary_key=True),
    sa.Column("erased_at", UtcDateTime, nullable=False),
)

merges = sa.Table(
    "merges",
    metadata,
    # Ids that turned out to be another user's: what comes under them is that user's. That one is
    # never such an id itself: each is resolved in one step.
    sa.Column("user_id", _id(), primary_key=True),
    sa.Column("into_user_id", _id(), nullable=False),
    sa.Column("merged_at", UtcDateTime, nullable=False),
    sa.Index("ix_merges_into", "into_user_id"),
)

salts = sa.Table(
    "salts",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("salt", sa.String(32), nullable=False),
)
