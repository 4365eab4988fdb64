"""What the first training lacks, on SQLite and on MySQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import URL, Engine

from shared.database.engine import connect, migrate
from shared.database.training_data import count_interactions, missing
from tests.api.interactions import record


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def lacks(engine: Engine, enough: int) -> str | None:
    with engine.connect() as connection:
        return missing(connection, enough)


def test_interactions_users_and_items_have_to_be_enough(engine: Engine) -> None:
    assert lacks(engine, 30) == "0 of 30 interactions"
    record(engine, "u0", *["i0"] * 29)
    assert lacks(engine, 30) == "29 of 30 interactions"
    record(engine, "u0", *["i0"])
    assert lacks(engine, 30) == "1 of 10 users with interactions"
    for user in range(1, 10):
        record(engine, f"u{user}", *(f"i{item}" for item in range(9)))
    assert lacks(engine, 30) == "9 of 10 items with interactions"
    record(engine, "u0", "i9")
    assert lacks(engine, 30) is None
    assert lacks(engine, 1000) == "112 of 1,000 interactions"


def test_it_counts_no_further_than_it_is_asked(engine: Engine) -> None:
    record(engine, "u", *["i"] * 9)
    with engine.connect() as connection:
        assert [count_interactions(connection, most) for most in (5, 9, 20)] == [5, 9, 9]
