"""What earlier releases stored is kept, and says no more than they knew."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import URL, Connection, Engine

import shared.database.engine
from shared.database import tables
from shared.database.engine import connect, migrate

BEGAN = "2024-05-17 12:00:00.123"
EARLY = "2024-05-01 00:00:00.000"
LATER = "2024-05-18 12:00:00.000"


def upgrade_to(engine: Engine, revision: str) -> None:
    folder = Path(shared.database.engine.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.fixture
def before(database_url: URL) -> Iterator[Engine]:
    """A database as the release before this one left it."""
    engine = connect(database_url)
    upgrade_to(engine, "0002")
    with engine.begin() as connection:
        fill(connection)
    yield engine
    engine.dispose()


def moment(connection: Connection, text: str) -> str:
    return text if connection.dialect.name == "mysql" else f"{text.replace(' ', 'T')}Z"


def fill(connection: Connection) -> None:
    early, began, later = (moment(connection, text) for text in (EARLY, BEGAN, LATER))
    untimed = {"source": "views.csv", "columns": {"user": "user", "item": "item"}}
    timed = {"source": "ratings.csv", "columns": {"user": "u", "item": "i", "time": "t"}}
    insert(
        connection,
        "loads",
        {"id": 1, "kind": "import", "settings": json.dumps(untimed), "started_at": began},
        {"id": 2, "kind": "import", "settings": json.dumps(timed), "started_at": later},
        rows_added=0,
    )
    insert(
        connection,
        "interactions",
        {"id": 7, "event_id": "untimed", "occurred_at": began, "created_at": began},
        {"id": 9, "event_id": "timed", "occurred_at": began, "created_at": later},
        {
            "id": 8,
            "event_id": "sent",
            "occurred_at": later,
            "created_at": early,
        },
        user_id="u",
        item_id="i",
        event_type="view",
    )
    insert(
        connection,
        "items",
        {"item_id": "i", "category": "Action| Comedy|Action", "revision": 3},
        {"item_id": "bare", "category": "", "revision": 4},
        title="",
        attributes="{}",
        is_active=1,
        created_at=began,
    )


def insert(connection: Connection, table: str, *rows: dict[str, Any], **shared: Any) -> None:
    for row in rows:
        values = shared | row
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def found(engine: Engine, *columns: sa.Column[Any]) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*columns).order_by(columns[0])).all()
    return [tuple(row) for row in rows]


def test_rows_keep_all_they_say_but_the_time_that_an_import_made_up(before: Engine) -> None:
    migrate(before)
    c = tables.interactions.c
    rows = found(before, c.id, c.event_id, c.occurred_at, c.load_id, c.value, c.event_type)
    began = dt.datetime(2024, 5, 17, 12, 0, 0, 123_000, tzinfo=dt.UTC)
    later = dt.datetime(2024, 5, 18, 12, tzinfo=dt.UTC)
    assert rows == [
        (7, "untimed", None, 1, None, "view"),
        (8, "sent", later, None, None, "view"),
        (9, "timed", began, 2, None, "view"),
    ]


def test_a_category_of_several_names_becomes_these_names(before: Engine) -> None:
    migrate(before)
    c = tables.items.c
    assert found(before, c.item_id, c.categories, c.revision) == [
        ("bare", [], 4),
        ("i", ["Action", "Comedy"], 3),
    ]


def test_the_tables_are_those_that_the_programs_expect(before: Engine) -> None:
    migrate(before)
    inspector = sa.inspect(before)
    for table in tables.metadata.sorted_tables:
        columns = {c["name"]: c["nullable"] for c in inspector.get_columns(table.name)}
        assert columns == {c.name: c.nullable for c in table.columns}
        indices = {(i["name"], *i["column_names"]) for i in inspector.get_indexes(table.name)}
        assert {(i.name, *(c.name for c in i.columns)) for i in table.indexes} <= indices
    with before.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        insert(
            connection,
            "interactions",
            {"event_id": "timed", "user_id": "u", "item_id": "i", "event_type": "view"},
            created_at=moment(connection, LATER),
        )
