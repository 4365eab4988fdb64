"""Engines for MySQL and SQLite, and the migrations that both share."""

import logging
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError

from shared.database import tables
from shared.errors import SommelierError

logger = logging.getLogger(__name__)


class DatabaseError(SommelierError):
    """The database cannot be reached or is not ours."""


def connect(url: URL, *, timeout: float = 600, **pool: Any) -> Engine:
    """An engine that has not connected yet.

    `timeout` is in seconds, for each read and write on MySQL (a paused server would hang a read
    for ever) and for SQLite's lock; `pool` is handed to SQLAlchemy's `create_engine`.
    """
    try:
        if url.get_backend_name() == "sqlite":
            return _connect_sqlite(url, timeout, pool)
        return _connect_mysql(url, timeout, pool)
    except (NoSuchModuleError, ImportError) as error:
        raise DatabaseError(f"DATABASE_URL: {error}; use mysql+pymysql or sqlite.") from error


def _connect_mysql(url: URL, timeout: float, pool: dict[str, Any]) -> Engine:
    arguments = {
        "charset": "utf8mb4",
        "connect_timeout": min(timeout, 10),
        "read_timeout": timeout,
        "write_timeout": timeout,
    }
    return sa.create_engine(url, connect_args=arguments, pool_recycle=1800, **pool)


def _connect_sqlite(url: URL, timeout: float, pool: dict[str, Any]) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": min(timeout, 30)}, **pool)

    @sa.event.listens_for(engine, "connect")
    def use_wal(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")  # readers do not wait for a writer
        connection.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives

    return engine


def open_database(url: URL, *, timeout: float = 600) -> Engine:
    """A connected engine for a job: SQLite's file is migrated here, MySQL must have been already.

    Raises DatabaseError, in words, when the server does not answer or has no tables.
    """
    engine = connect(url, timeout=timeout)
    try:
        if url.get_backend_name() == "sqlite":
            migrate(engine)
        elif not sa.inspect(engine).has_table(tables.loads.name):
            raise DatabaseError(
                f"{describe(url)} has no tables of Sommelier yet: run "
                "`python -m shared.database` (Compose: the migrate service) first."
            )
    except OperationalError as error:
        raise DatabaseError(f"{describe(url)} does not answer: {error.orig}") from error
    except DBAPIError as error:
        raise DatabaseError(f"{describe(url)} is no database of ours: {error.orig}") from error
    return engine


def describe(url: URL) -> str:
    """The database's name for people: host and database, or the file; never the password."""
    if url.get_backend_name() == "sqlite":
        return f"SQLite's {url.database}"
    return f"MySQL at {url.host}:{url.port or 3306}, database {url.database}"


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest revision; safe to call at every start."""
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would name each of its plugins
    # Imported here: only a process that migrates pays for Alembic (the API on MySQL never does).
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Two programs that start together migrate one after the other.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise DatabaseError(
                f"{describe(engine.url)} cannot be migrated by this release: {error}"
            ) from error
