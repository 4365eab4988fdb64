import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from shared.database import tables
from shared.database.bulk import insert_interactions
from shared.database.engine import connect, migrate
from shared.database.storage import insert_missing

NOW = dt.datetime(2025, 6, 1, 12, 0, 0, 123_456, tzinfo=dt.UTC)
TIMES = [None, 0, -1, 1_748_779_499_001]


@pytest.fixture
def engine(database_url: URL) -> Engine:
    engine = connect(database_url)
    migrate(engine)
    return engine


def insert(engine: Engine, *ids: str) -> int:
    """Rows with these event ids, alike but for their times."""
    n = len(ids)
    columns = (ids, ["ü"] * n, ["🎧"] * n, ["view"] * n, [4.5] * n, [None] * n, TIMES[:n])
    with engine.begin() as connection:
        return insert_interactions(connection, columns, created_at=NOW, load_id=7)


def stored(engine: Engine) -> list[tuple[object, ...]]:
    columns = [column for column in tables.interactions.c if column.name != "id"]
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*columns).order_by(tables.interactions.c.id))
        return [tuple(row) for row in rows]


def test_what_is_there_already_is_counted_and_left_alone(engine: Engine) -> None:
    assert insert(engine, "a", "b") == 2
    assert insert(engine, "b", "a") == 0
    assert insert(engine, "c", "a", "d") == 2
    assert [row[0] for row in stored(engine)] == ["a", "b", "c", "d"]
    assert insert(engine) == 0


def test_rows_are_what_row_by_row_makes_of_them(engine: Engine) -> None:
    insert(engine, "a", "b", "c", "d")
    in_bulk = stored(engine)
    rows = [
        {
            "event_id": event_id,
            "user_id": "ü",
            "item_id": "🎧",
            "event_type": "view",
            "rating": 4.5,
            "value": None,
            "occurred_at": None if time is None else tables.from_epoch_ms(time),
            "created_at": NOW,
            "load_id": 7,
        }
        for event_id, time in zip("abcd", TIMES, strict=True)
    ]
    with engine.begin() as connection:
        connection.execute(sa.delete(tables.interactions))
        insert_missing(connection, tables.interactions, rows)

    assert stored(engine) == in_bulk
