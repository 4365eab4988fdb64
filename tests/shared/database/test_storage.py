"""One suite for both databases: what SQLite promises, MySQL keeps, and the other way round."""

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DataError, IntegrityError

from shared.database import tables
from shared.database.engine import connect, migrate
from shared.database.storage import catalogue_epoch, count, empty, insert_missing, upsert

NOON = dt.datetime(2024, 5, 17, 12, 0, tzinfo=dt.UTC)
# Each is another user, though many a database thinks that some are equal.
ODD_IDS = [
    "u1",
    "U1",
    "u1 ",
    " u1",
    "ù1",
    "u\u03001",
    "🍷",
    "用户",
    "a/b",
    "..",
    "%2F",
    "/",
    "'\"\\",
    "\x01",
]


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def user(user_id: str, **attributes: Any) -> dict[str, Any]:
    return {"user_id": user_id, "attributes": attributes, "created_at": NOON}


def interaction(event_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "user_id": "U1",
        "item_id": "I1",
        "event_type": "rating",
        "rating": 4.5,
        "occurred_at": NOON,
        "recommendation_id": None,
        "created_at": NOON,
    } | changes


def write(engine: Engine, table: sa.Table, *rows: dict[str, Any]) -> int:
    with engine.begin() as connection:
        return len(insert_missing(connection, table, rows))


def read(engine: Engine, column: sa.ColumnElement[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(column)))


def test_ids_are_kept_and_told_apart_byte_by_byte(engine: Engine) -> None:
    assert write(engine, tables.users, *map(user, ODD_IDS)) == len(ODD_IDS)
    assert sorted(read(engine, tables.users.c.user_id)) == sorted(ODD_IDS)


@pytest.mark.parametrize("user_id", ODD_IDS)
def test_an_id_finds_its_own_rows_alone(engine: Engine, user_id: str) -> None:
    rows = [interaction(f"e{at}", user_id=odd) for at, odd in enumerate(ODD_IDS)]
    write(engine, tables.interactions, *rows)
    found = sa.select(tables.interactions.c.event_id).where(
        tables.interactions.c.user_id == user_id
    )
    with engine.connect() as connection:
        assert list(connection.scalars(found)) == [f"e{ODD_IDS.index(user_id)}"]


def test_ids_are_ordered_by_their_utf8_bytes(engine: Engine) -> None:
    write(engine, tables.users, *map(user, ODD_IDS))
    ordered = sa.select(tables.users.c.user_id).order_by(tables.users.c.user_id)
    with engine.connect() as connection:
        assert list(connection.scalars(ordered)) == sorted(ODD_IDS, key=str.encode)


def test_sixty_four_characters_of_four_bytes_are_an_id(engine: Engine) -> None:
    longest = "🍷" * tables.ID_LENGTH
    write(engine, tables.users, user(longest))
    assert read(engine, tables.users.c.user_id) == [longest]


@pytest.mark.containers
def test_mysql_refuses_an_id_of_65_characters_and_cuts_nothing(mysql_database: URL) -> None:
    engine = connect(mysql_database)
    migrate(engine)
    with pytest.raises(DataError, match="Data too long for column 'user_id'"):
        write(engine, tables.users, user("u" * 65))
    assert read(engine, tables.users.c.user_id) == []
    engine.dispose()


def test_an_event_that_is_there_is_left_alone_and_not_counted(engine: Engine) -> None:
    assert write(engine, tables.interactions, interaction("e1", rating=1.0)) == 1
    again = [interaction("e1", rating=5.0), interaction("e2", rating=2.0)]
    assert write(engine, tables.interactions, *again) == 1
    assert sorted(read(engine, tables.interactions.c.rating)) == [1.0, 2.0]


def test_of_equal_events_in_one_call_the_first_stays(engine: Engine) -> None:
    rows = [interaction("e1", rating=1.0), interaction("e2"), interaction("e1", rating=5.0)]
    assert write(engine, tables.interactions, *rows) == 2
    in_order = sa.select(tables.interactions.c.rating).order_by(tables.interactions.c.id)
    with engine.connect() as connection:
        assert list(connection.scalars(in_order)) == [1.0, 4.5]


def test_events_are_numbered_in_the_order_of_the_call(engine: Engine) -> None:
    write(engine, tables.interactions, *(interaction(name) for name in "zmab"))
    in_order = sa.select(tables.interactions.c.event_id).order_by(tables.interactions.c.id)
    with engine.connect() as connection:
        assert list(connection.scalars(in_order)) == list("zmab")


def test_the_keys_of_what_was_inserted_are_told(engine: Engine) -> None:
    with engine.begin() as connection:
        for names, new in (("ab", "ab"), ("ab", ""), ("abc", "c"), ("dd", "d")):
            rows = [interaction(name) for name in names]
            assert insert_missing(connection, tables.interactions, rows) == set(new)


def test_of_a_row_that_is_there_only_the_named_columns_are_replaced(engine: Engine) -> None:
    write(engine, tables.interactions, interaction("e1", rating=1.0), interaction("e2"))
    rows = [interaction(name, rating=5.0, user_id="U2") for name in ("e1", "e3")]
    with engine.begin() as connection:
        assert upsert(connection, tables.interactions, rows, ["rating"]) == {"e3"}
        assert upsert(connection, tables.interactions, [interaction("e2", rating=0)], []) == set()
    columns = (tables.interactions.c[name] for name in ("event_id", "user_id", "rating"))
    with engine.connect() as connection:
        found = connection.execute(sa.select(*columns).order_by(tables.interactions.c.event_id))
        assert [tuple(row) for row in found] == [
            ("e1", "U1", 5.0),
            ("e2", "U1", 4.5),
            ("e3", "U2", 5.0),
        ]


def test_no_rows_are_no_work(engine: Engine) -> None:
    assert write(engine, tables.interactions) == 0


def test_the_database_itself_refuses_a_second_row_of_an_event(engine: Engine) -> None:
    write(engine, tables.interactions, interaction("e1"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(sa.insert(tables.interactions), interaction("e1"))


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail_after_a_row() -> None:
        with engine.begin() as connection:
            insert_missing(connection, tables.users, [user("U1")])
            connection.execute(sa.insert(tables.users), user("U1"))

    with pytest.raises(IntegrityError):
        fail_after_a_row()
    assert read(engine, tables.users.c.user_id) == []


@pytest.mark.parametrize(
    "moment",
    [
        NOON,
        dt.datetime(2024, 5, 17, 12, 0, 0, 123_000, tzinfo=dt.UTC),
        dt.datetime(2024, 2, 29, 23, 59, 59, 999_000, tzinfo=dt.UTC),
        dt.datetime(1969, 12, 31, 23, 59, 59, 1_000, tzinfo=dt.UTC),
        dt.datetime(2024, 3, 31, 2, 30, tzinfo=dt.UTC),  # an hour that many zones skip
        dt.datetime(2024, 5, 17, 14, 0, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    ],
)
def test_a_time_comes_back_as_the_same_moment_and_as_milliseconds(
    engine: Engine, moment: dt.datetime
) -> None:
    write(engine, tables.interactions, interaction("e1", occurred_at=moment))
    column = tables.interactions.c.occurred_at
    [stored] = read(engine, column)
    assert stored == moment
    assert stored.utcoffset() == dt.timedelta(0)
    [milliseconds] = read(engine, tables.epoch_ms(column))
    assert tables.from_epoch_ms(milliseconds) == moment


def test_what_is_finer_than_a_millisecond_is_cut_off_and_never_rounded_up(engine: Engine) -> None:
    last = dt.datetime(2024, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    write(engine, tables.interactions, interaction("e1", occurred_at=last))
    assert read(engine, tables.interactions.c.occurred_at) == [last.replace(microsecond=999_000)]


def test_times_are_compared_as_moments(engine: Engine) -> None:
    east = dt.timezone(dt.timedelta(hours=9))
    rows = [
        interaction("earlier", occurred_at=NOON.astimezone(east)),
        interaction("later", occurred_at=NOON + dt.timedelta(milliseconds=1)),
    ]
    write(engine, tables.interactions, *rows)
    after = sa.select(tables.interactions.c.event_id).where(
        tables.interactions.c.occurred_at > NOON
    )
    with engine.connect() as connection:
        assert list(connection.scalars(after)) == ["later"]


def test_attributes_are_json_of_any_depth_and_language(engine: Engine) -> None:
    attributes = {"user_type": "tech", "名": ["🍷", None, True, 1.5], "nested": {"quote": "'\"\\"}}
    write(engine, tables.users, user("U1", **attributes))
    assert read(engine, tables.users.c.attributes) == [attributes]


def test_an_item_keeps_its_title_category_and_state(engine: Engine) -> None:
    row = {
        "item_id": "TECH1005",
        "title": "ワイン 🍷 " + "x" * 490,
        "categories": ["tech", "new"],
        "attributes": {},
        "is_active": False,
        "created_at": NOON,
    }
    write(engine, tables.items, row)
    with engine.connect() as connection:
        found = dict(connection.execute(sa.select(tables.items)).mappings().one())
    assert found == row | {"revision": 1}


def test_new_items_and_an_emptied_table_change_the_catalogues_revision(engine: Engine) -> None:
    def revision() -> int:
        with engine.begin() as connection:
            found = connection.scalar(sa.select(tables.revisions.c.value))
            assert isinstance(found, int)
            return found

    row = {"title": "", "categories": [], "attributes": {}, "is_active": True, "created_at": NOON}
    assert revision() == 0
    write(engine, tables.items, {"item_id": "i1", **row})
    assert revision() == 1
    write(engine, tables.items, {"item_id": "i1", **row})
    assert revision() == 1
    empty(engine)
    assert catalogue_epoch(revision()) == 1
    write(engine, tables.items, {"item_id": "i1", **row})
    empty(engine)
    assert catalogue_epoch(revision()) == 2


@pytest.mark.parametrize("rating", [0.1, 1 / 3, 4.875_600_000_000_001, 0.0, -2.5, None])
def test_a_rating_keeps_all_its_digits(engine: Engine, rating: float | None) -> None:
    write(engine, tables.interactions, interaction("e1", rating=rating))
    assert read(engine, tables.interactions.c.rating) == [rating]


def test_two_writers_of_the_same_events_leave_each_once(engine: Engine) -> None:
    names = [f"e{number}" for number in range(400)]
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def writer(order: list[str]) -> None:
        try:
            start.wait(timeout=10)
            for first in range(0, len(order), 40):
                block = sorted(order[first : first + 40])
                write(engine, tables.interactions, *(interaction(name) for name in block))
        except sa.exc.SQLAlchemyError as error:
            failures.append(error)

    writers = [threading.Thread(target=writer, args=(order,)) for order in (names, names[::-1])]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert failures == []
    assert sorted(read(engine, tables.interactions.c.event_id)) == sorted(names)


def test_an_emptied_database_counts_nothing_and_takes_the_same_events_again(
    engine: Engine,
) -> None:
    write(engine, tables.users, user("U1"))
    write(engine, tables.interactions, interaction("e1"))
    empty(engine)
    with engine.connect() as connection:
        emptied = (tables.users, tables.items, tables.interactions, tables.loads)
        counts = [count(connection, table) for table in emptied]
    assert counts == [0, 0, 0, 0]
    assert write(engine, tables.interactions, interaction("e1")) == 1
