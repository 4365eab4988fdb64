"""What came since the training, on SQLite and on MySQL."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import URL, Engine

from services.api.live.catalogue import Catalogue
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from services.api.live.trend import BLOCK_ROWS, LiveTrend, Trend, gain
from shared.artifacts.versions import Version
from shared.database import storage, tables
from shared.database.engine import connect, migrate
from tests.api import small_version
from tests.api.interactions import NOW, record

pytestmark = pytest.mark.anyio

ROW = {
    "item_id": "A",
    "event_type": "view",
    "rating": None,
    "occurred_at": NOW,
    "recommendation_id": None,
    "created_at": NOW,
}


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[DatabaseReader]:
    database = DatabaseReader(engine.url, timeout=10)
    await database.open()
    yield database
    database.close()


@pytest.fixture
def served(tmp_path: Path) -> ServedVersion:
    """A version that was trained on the rows up to id 2."""
    small_version.publish_current(tmp_path, last_id=2)
    served = ServedVersion(tmp_path)
    served.check()
    return served


async def gains(served: ServedVersion, database: DatabaseReader) -> dict[str, float]:
    live = LiveTrend(served, database)
    await live.poll()
    return dict(live.trend.gains)


async def test_users_count_once_and_dislikes_and_trained_rows_never(
    served: ServedVersion, database: DatabaseReader, engine: Engine
) -> None:
    record(engine, "U1", "trained on", "trained on")
    record(engine, "U1", "A", "A", "B")
    record(engine, "U2", "A", event_type="view")
    record(engine, "U3", "A", "C", event_type="dislike")
    assert await gains(served, database) == {"A": 2, "B": 1}


async def test_it_goes_on_from_what_it_has_seen(
    served: ServedVersion, database: DatabaseReader, engine: Engine
) -> None:
    live = LiveTrend(served, database)
    await live.poll()
    assert live.trend == Trend({})
    record(engine, "U1", "A", "A", "A")
    await live.poll()
    first = live.trend
    record(engine, "U1", "A")
    record(engine, "U2", "A")
    await live.poll()
    assert (first.gains, live.trend.gains) == ({"A": 1}, {"A": 2})
    assert first.mark != live.trend.mark
    mark = live.trend.mark
    await live.poll()
    assert live.trend.mark == mark


async def test_a_new_version_begins_anew(
    served: ServedVersion, database: DatabaseReader, engine: Engine, tmp_path: Path
) -> None:
    record(engine, "U1", "a", "b", "A")
    live = LiveTrend(served, database)
    await live.poll()
    small_version.publish_current(tmp_path, last_id=3)
    served.check()
    await live.poll()
    assert live.trend.gains == {}


async def test_all_blocks_of_an_import_are_counted_at_once(
    tmp_path: Path, database: DatabaseReader, engine: Engine
) -> None:
    with engine.begin() as connection:
        for block in range(3):
            rows = [
                {**ROW, "user_id": f"u{block}-{number}", "event_id": f"{block}-{number}"}
                for number in range(BLOCK_ROWS - 1000)
            ]
            storage.insert_missing(connection, tables.interactions, rows)
    assert await gains(ServedVersion(tmp_path), database) == {"A": 3 * (BLOCK_ROWS - 1000)}


@pytest.mark.parametrize("is_trained", [True, False])
async def test_emptied_tables_are_counted_anew(
    served: ServedVersion,
    database: DatabaseReader,
    engine: Engine,
    tmp_path: Path,
    is_trained: bool,
) -> None:
    live = LiveTrend(served if is_trained else ServedVersion(tmp_path / "nothing"), database)
    record(engine, "U1", "A", "B", "C", "D")
    await live.poll()
    assert "D" in live.trend.gains
    storage.empty(engine)
    record(engine, "U1", "E")
    await live.poll()
    await live.poll()
    assert live.trend.gains == {"E": 1}


def test_gains_are_added_to_popularity(small_catalogue: Catalogue) -> None:
    scores = np.zeros((2, 40), dtype=np.float32)
    raised = Trend({"TECH1001": 3, "no such item": 9}, 1).added_to(scores, small_catalogue)
    assert raised[:, 20].tolist() == [3, 3]
    assert raised.sum() == 6
    assert scores.sum() == 0


def test_where_popularity_ages_what_comes_later_weighs_more(small: Version) -> None:
    trained_at = round(small.manifest.created_at.timestamp() * 1000)
    day = round(dt.timedelta(days=1).total_seconds() * 1000)
    assert gain(small, trained_at + 7 * day) == 1
    ageing = small.manifest.model_copy(update={"popularity_half_life_days": 7.0})
    assert gain(replace(small, manifest=ageing), trained_at + 7 * day) == pytest.approx(2)
