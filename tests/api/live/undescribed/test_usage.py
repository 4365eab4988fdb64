"""How often items were used, on both databases."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from services.api.live.undescribed.usage import UNUSED, ItemUsage, read_usage
from shared.database import tables
from shared.database.engine import connect, migrate
from tests.api.interactions import NOW, record


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def usage(engine: Engine, *item_ids: str) -> list[ItemUsage]:
    with engine.connect() as connection:
        found = read_usage(connection, item_ids)
    assert [*found] == [*item_ids]
    return [*found.values()]


def test_interactions_users_and_moments(engine: Engine) -> None:
    later = NOW + dt.timedelta(days=2, milliseconds=1)
    record(engine, "U1", "typo", "typo", "another")
    record(engine, "U2", "typo", event_type="dislike", occurred_at=later)
    record(engine, "U1", "TYPO")
    assert usage(engine, "typo", "nothing", "TYPO") == [
        ItemUsage(3, 2, NOW, later),
        UNUSED,
        ItemUsage(1, 1, NOW, NOW),
    ]


def test_of_what_has_no_time_none_is_known(engine: Engine) -> None:
    record(engine, "U1", "typo")
    with engine.begin() as connection:
        connection.execute(sa.update(tables.interactions).values(occurred_at=None))
    assert usage(engine, "typo") == [ItemUsage(1, 1, None, None)]


def test_no_items_have_no_usage(engine: Engine) -> None:
    assert usage(engine) == []
