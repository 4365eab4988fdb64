"""How fast POST /interactions commits to a MySQL on a disk.

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

from benchmarks.report import Row
from benchmarks.speed.api_process import api_process
from benchmarks.speed.load import Outcome, post
from shared.database.engine import connect, migrate
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
    """Starts a MySQL with default durability and two API processes of its own, and ends them."""
    with mysql_server(on_disk=True) as url, TemporaryDirectory() as folder:
        engine = connect(url)
        migrate(engine)
        engine.dispose()
        small_version.publish_current(Path(folder))
        with (
            api_process(url, Path(folder)) as port,
            api_process(url, Path(folder), "benchmarks.speed.one_commit_each") as alone,
        ):
            return [_singles(url, port, alone), _batches(url, port)]


def _singles(url: URL, port: int, alone: int) -> Row:
    """Single events, against the same API that commits each by itself, and a bare connection."""
    bare, each, grouped = [], [], []
    for _round in range(ROUNDS):
        bare.append(_bare_rows_per_second(url, 1))
        each.append(_post(alone, 1, CLIENTS))
        grouped.append(_post(port, 1, CLIENTS))
    failures = sum(outcome.failures for outcome in each + grouped)
    through_api, by_itself = (
        median(outcome.per_second() for outcome in outcomes) for outcomes in (grouped, each)
    )
    slowest = median(outcome.percentile(99) for outcome in grouped)
    return Row(
        f"POST /interactions, 1 event a request, {CLIENTS} clients",
        f"{through_api:,.0f}/s, {through_api / by_itself:.1f} × {by_itself:,.0f} with a commit for "
        f"each, {through_api / median(bare):.2f} × {median(bare):,.0f} of one bare connection "
        f"without HTTP; p99 {slowest:.0f} ms, {failures} failures",
        "≥ 2 × a commit for each, 0 failures",
        through_api >= 2 * by_itself and not failures,
    )


def _batches(url: URL, port: int) -> Row:
    """Batches, against a bare connection's multi-row INSERT."""
    bare, served = [], []
    for _round in range(ROUNDS):
        bare.append(_bare_rows_per_second(url, BATCH))
        served.append(_post(port, BATCH, BATCH_CLIENTS))
    failures = sum(outcome.failures for outcome in served)
    through_api = BATCH * median(outcome.per_second() for outcome in served)
    ratio = through_api / median(bare)
    return Row(
        f"POST /interactions, {BATCH} a request, {BATCH_CLIENTS} clients",
        f"{through_api:,.0f} rows/s, {ratio:.2f} × {median(bare):,.0f} of one bare connection, "
        f"{failures} failures",
        "≥ 0.4 ×, 0 failures",
        ratio >= 0.4 and not failures,
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
