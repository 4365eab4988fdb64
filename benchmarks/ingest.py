"""How fast POST /interactions commits, against a bare client of the same MySQL on a disk.

python -m benchmarks ingest
"""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pymysql
from sqlalchemy.engine import URL

from benchmarks.api_process import api_process
from benchmarks.load import Outcome, post
from benchmarks.report import Row
from shared.database import connect, migrate
from tests.api import small_version
from tests.servers import mysql_server

CLIENTS = 32
SECONDS = 5  # each measure, in turn with the other
ROUNDS = 3
BATCH = 500
BATCH_CLIENTS = 4
USERS, ITEMS = 1000, 600

INSERT = (
    "INSERT INTO interactions"
    " (event_id, user_id, item_id, event_type, rating, occurred_at, recommendation_id, created_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def rows() -> list[Row]:
    """Starts a MySQL with default durability and an API process of its own, and ends them."""
    with mysql_server(on_disk=True) as url, TemporaryDirectory() as folder:
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        small_version.publish_current(Path(folder))
        with api_process(url, Path(folder)) as port:
            return [
                _compared(url, port, 1, CLIENTS, 2),
                _compared(url, port, BATCH, BATCH_CLIENTS, 0.4),
            ]


def _compared(url: URL, port: int, size: int, clients: int, must: float) -> Row:
    """Rows a second in requests of `size` rows, as a multiple of the bare client's."""
    bare, served = [], []
    for _round in range(ROUNDS):
        bare.append(_bare_rows_per_second(url, size))
        served.append(_post(port, size, clients))
    failures = sum(outcome.failures for outcome in served)
    through_api = median(outcome.per_second() * size for outcome in served)
    ratio = through_api / median(bare)
    slowest = median(outcome.percentile(99) for outcome in served)
    return Row(
        f"POST /interactions, {size} a request, {clients} clients",
        f"{through_api:,.0f} rows/s, {ratio:.2f} × {median(bare):,.0f} of one bare connection, "
        f"p99 {slowest:.0f} ms, {failures} failures",
        f"≥ {must:g} ×, 0 failures",
        ratio >= must and not failures,
    )


def _bare_rows_per_second(url: URL, size: int) -> float:
    """Of one PyMySQL connection that commits every `size` rows, a multi-row INSERT."""
    connection = pymysql.connect(
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
    )
    written = 0
    begin = time.perf_counter()
    with connection, connection.cursor() as cursor:
        while time.perf_counter() < begin + SECONDS:
            events = [_event(number) for number in range(written, written + size)]
            cursor.executemany(
                INSERT, [(*event, None, "2025-03-01 12:00:00.000") for event in events]
            )
            connection.commit()
            written += size
    return written / (time.perf_counter() - begin)


def _event(number: int) -> tuple[str, str, str, str, float, str]:
    """event_id, user_id, item_id, event_type, rating, occurred_at."""
    return (
        secrets.token_hex(16),
        f"U{number % USERS}",
        f"I{number % ITEMS}",
        "rating",
        4.0,
        "2025-03-01 12:00:00.000",
    )


def _post(port: int, size: int, clients: int) -> Outcome:
    return post(port, "/interactions", _bodies(size), clients=clients, seconds=SECONDS)


def _bodies(size: int) -> Iterator[dict[str, object]]:
    fields = ("event_id", "user_id", "item_id", "event_type", "rating", "occurred_at")
    number = 0
    while True:
        events = [_event(number + place) for place in range(size)]
        yield {"interactions": [dict(zip(fields, event, strict=True)) for event in events]}
        number += size
