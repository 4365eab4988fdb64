"""How fast a file is imported, against a bare INSERT of the same rows into the same tables.

python -m benchmarks importing
"""

import contextlib
import csv
import datetime as dt
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymysql
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from benchmarks.report import Row
from services.generator.importing.ingestion import BATCH_ROWS, ingest
from services.generator.importing.source import open_source
from shared.database import tables
from shared.database.engine import connect, migrate
from shared.database.storage import count, empty
from tests.servers import mysql_server

ROWS = 1_000_000
USERS, ITEMS = 50_000, 5_000
SEED = 1
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LEAST_SHARE = 0.35

_COLUMNS = (
    *("event_id", "user_id", "item_id", "event_type", "rating", "value", "occurred_at"),
    *("created_at", "load_id"),
)
_PLACES = ", ".join(_COLUMNS)


def rows(wanted: int = ROWS) -> list[Row]:
    """Starts a MySQL with default durability of its own, and ends it."""
    with TemporaryDirectory() as folder, mysql_server(on_disk=True) as mysql:
        file = Path(folder) / "ratings.csv"
        _write(file, wanted)
        sqlite = URL.create("sqlite", database=str(Path(folder) / "import.sqlite"))
        return [_measured("SQLite", sqlite, file), _measured("MySQL", mysql, file)]


def _write(file: Path, wanted: int) -> None:
    """Ratings with times, as people export them."""
    rng = random.Random(SEED)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("user_id", "item_id", "rating", "timestamp"))
        for _ in range(wanted):
            user, item = f"U{rng.randrange(USERS)}", f"I{rng.randrange(ITEMS)}"
            writer.writerow(
                (user, item, rng.randrange(1, 11) / 2, rng.randrange(10**8) + 16 * 10**8)
            )


def _measured(name: str, url: URL, file: Path) -> Row:
    """The import first: what it wrote is then written bare into the emptied tables."""
    engine = connect(url)
    migrate(engine)
    begin = time.perf_counter()
    ingest(open_source(file), engine, file.parent / "rejects", NOW)
    imported = time.perf_counter() - begin
    written = _all(engine)
    size = _bytes(engine, url)
    _empty(engine, url)
    bare = _bare(url, written)
    with engine.connect() as connection:
        assert count(connection, tables.interactions) == len(written)
    engine.dispose()
    share = bare / imported
    return Row(
        f"import of {len(written):,} rows into {name}",
        f"{len(written) / imported:,.0f} rows/s, {share:.2f} × {len(written) / bare:,.0f} of a "
        f"bare INSERT of {BATCH_ROWS:,} rows a transaction; {size / len(written):,.0f} B a row",
        f"≥ {LEAST_SHARE} ×",
        share >= LEAST_SHARE,
    )


def _all(engine: Engine) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them, in the order of the file."""
    with engine.connect() as connection:
        query = f"SELECT {_PLACES} FROM interactions ORDER BY id"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def _empty(engine: Engine, url: URL) -> None:
    if url.get_backend_name() == "mysql":
        empty(engine)
        return
    engine.dispose()  # deleted rows would leave their pages: a new file is as empty as the first
    for end in ("", "-wal", "-shm"):
        Path(f"{url.database}{end}").unlink(missing_ok=True)
    migrate(engine)


def _bytes(engine: Engine, url: URL) -> float:
    """What the database takes of disk, by its own account."""
    with engine.connect() as connection:
        if url.get_backend_name() == "sqlite":
            pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
            return float(pages * connection.execute(sa.text("PRAGMA page_size")).scalar_one())
        connection.execute(sa.text("ANALYZE TABLE interactions, users, items")).all()
        query = (
            "SELECT SUM(data_length + index_length) FROM information_schema.tables "
            "WHERE table_schema = DATABASE()"
        )
        return float(connection.execute(sa.text(query)).scalar_one())


def _bare(url: URL, written: Sequence[tuple[Any, ...]]) -> float:
    """Seconds that the driver alone takes for them."""
    with _driver(url) as connection:
        mark = "%s" if url.get_backend_name() == "mysql" else "?"
        marks = ", ".join([mark] * len(_COLUMNS))
        statement = f"INSERT INTO interactions ({_PLACES}) VALUES ({marks})"
        cursor = connection.cursor()
        begin = time.perf_counter()
        for start in range(0, len(written), BATCH_ROWS):
            cursor.executemany(statement, written[start : start + BATCH_ROWS])
            connection.commit()
        return time.perf_counter() - begin


@contextlib.contextmanager
def _driver(url: URL) -> Iterator[Any]:
    if url.get_backend_name() == "mysql":
        with pymysql.connect(
            host=url.host,
            port=url.port or 3306,
            user=url.username,
            password=url.password or "",
            database=url.database,
        ) as connection:
            yield connection
        return
    with contextlib.closing(sqlite3.connect(str(url.database))) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        yield connection
