"""POST /interactions: every row once, bad ones named, and an answer in time while MySQL is away."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from services.api.ingest.event_rows import InteractionRows
from services.api.ingest.event_store import expected_scale
from shared.database.engine import connect, migrate
from shared.database.event_ids import event_id, row_key
from shared.database.event_types import EVENT_TYPES
from shared.database.rating_scale import RatingScale
from shared.database.tables import interactions, items, loads, revisions, users
from shared.database.tombstones import bury
from tests.api.serving import Serve, eventually, serving, settings
from tests.api.small_version import publish_current
from tests.api.test_problems import problem
from tests.api.wire import Wire, closed_port, silent_port

VIEW = {"user_id": "U1", "item_id": "I1", "event_type": "view"}
RATING = {"user_id": "U1", "item_id": "I1", "event_type": "rating", "rating": 4}
NOON = "2025-03-01T12:00:00Z"
IN_TIME = {"write_timeout_seconds": 1.5, "database_timeout_seconds": 1}  # as by default


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One API for all tests that look at answers alone: a start and its files take .2 s."""
    folder = tmp_path_factory.mktemp("sink")
    publish_current(folder / "artifacts")
    with serving(settings(folder)) as api:
        yield api


def send(api: httpx.Client, *rows: Any) -> Any:
    answer = api.post("/interactions", json={"interactions": rows})
    assert answer.status_code == 200, answer.text
    return answer.json()


def send_text(api: httpx.Client, *rows: str) -> Any:
    """As `send`, for JSON that Python does not write."""
    body = f'{{"interactions": [{", ".join(rows)}]}}'
    headers = {"Content-Type": "application/json"}
    return api.post("/interactions", content=body, headers=headers).raise_for_status().json()


def stored(engine: Engine, *columns: sa.ColumnElement[Any]) -> list[Any]:
    with engine.connect() as connection:
        query = sa.select(*columns).order_by(interactions.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_rows_are_stored_as_they_were_sent(api: httpx.Client, engine: Engine) -> None:
    row = {
        "event_id": "e1",
        "user_id": "a/b 🍷",
        "item_id": "TECH1001",
        "event_type": "rating",
        "rating": 4.5,
        "occurred_at": "2025-03-01T14:30:15.123999+02:00",
        "recommendation_id": "20250102T030405Z-0a1b2c.8c1f0e6a2b7d4935",
    }
    assert send(api, row) == {"accepted": 1, "duplicates": 0, "rejected": []}
    [found] = stored(engine, *(interactions.c[name] for name in row))
    moment = dt.datetime(2025, 3, 1, 12, 30, 15, 123_000, tzinfo=dt.UTC)
    assert found == tuple((row | {"occurred_at": moment}).values())


def test_every_kind_of_event_is_taken(sink: httpx.Client) -> None:
    rows = [{**RATING, "event_type": event_type} for event_type in EVENT_TYPES]
    assert send(sink, *rows)["accepted"] == len(EVENT_TYPES)


def test_types_of_ones_own_are_taken_where_they_have_a_weight(
    serve: Serve, engine: Engine, version: str
) -> None:
    row = {**VIEW, "item_id": "TECH1004", "event_type": "wishlist"}
    with serve() as api:
        [rejected] = send(api, row)["rejected"]
        assert "event_type: There are rating, view" in rejected["reason"]
        assert 'EVENT_WEIGHTS adds others (it is "wishlist")' in rejected["reason"]
    with serve(event_weights={"wishlist": 2}) as api:
        assert send(api, row)["accepted"] == 1
        listed = api.post("/recommend", json={"user_id": "U1"}).json()["recommendations"]
        assert {item["source"] for item in listed} == {"personal"}
    with serve() as api:  # that was not told of the type goes on
        assert api.post("/recommend", json={"user_id": "U1"}).status_code == 200
    assert stored(engine, interactions.c.event_type) == [("wishlist",)]


def test_a_value_is_kept_and_makes_another_event(api: httpx.Client, engine: Engine) -> None:
    row = {**VIEW, "occurred_at": NOON}
    answer = send(api, {**row, "value": 2.5}, row, {**row, "value": 0}, {**row, "value": "2"})
    assert (answer["accepted"], [r["index"] for r in answer["rejected"]]) == (2, [2, 3])
    assert stored(engine, interactions.c.value) == [(2.5,), (None,)]


def test_without_a_time_it_is_now(api: httpx.Client, engine: Engine) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(milliseconds=1)
    send(api, VIEW, {**VIEW, "occurred_at": None, "event_id": None, "rating": None})
    for (occurred_at,) in stored(engine, interactions.c.occurred_at):
        assert before <= occurred_at <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.0019", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02", 86_400_000),
        ("1969-12-31 23:59:59.999", -1),
        ("1000-01-01", -30_610_224_000_000),
    ],
)
def test_times_are_iso_8601_in_milliseconds(
    api: httpx.Client, engine: Engine, text: str, milliseconds: int
) -> None:
    send(api, {**VIEW, "occurred_at": text})
    [(occurred_at,)] = stored(engine, interactions.c.occurred_at)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert occurred_at - epoch == dt.timedelta(milliseconds=milliseconds)


def _in_minutes(minutes: int) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)).isoformat()


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({**VIEW, "user_id": ""}, "user_id", '""'),
        ({**VIEW, "user_id": "x" * 65}, "user_id", "xxx"),
        ({**VIEW, "user_id": 7}, "user_id", "7"),
        ({**VIEW, "user_id": None}, "user_id", "null"),
        ({"item_id": "I1", "event_type": "view"}, "user_id", "I1"),
        ({**VIEW, "item_id": "🍷" * 65}, "item_id", "🍷"),
        ({**VIEW, "event_id": ""}, "event_id", '""'),
        ({**VIEW, "event_id": "x" * 65}, "event_id", "xxx"),
        ({**VIEW, "event_type": "sale"}, "event_type", "sale"),
        ({**VIEW, "event_type": "View"}, "event_type", "View"),
        ({**VIEW, "event_type": None}, "event_type", "null"),
        ({**RATING, "rating": 5.01}, "rating", "5.01"),
        ({**RATING, "rating": 0.99}, "rating", "0.99"),
        ({**RATING, "rating": "4"}, "rating", '"4"'),
        ({**RATING, "rating": True}, "rating", "true"),
        ({**RATING, "rating": None}, "rating", "null"),
        ({**VIEW, "event_type": "rating"}, "rating", "null"),
        ({**VIEW, "rating": 9}, "rating", "9"),
        ({**VIEW, "occurred_at": "yesterday"}, "occurred_at", "yesterday"),
        ({**VIEW, "occurred_at": ""}, "occurred_at", '""'),
        ({**VIEW, "occurred_at": 1_700_000_000}, "occurred_at", "1700000000"),
        ({**VIEW, "occurred_at": "2025-02-30"}, "occurred_at", "2025-02-30"),
        ({**VIEW, "occurred_at": "0999-12-31T23:59:59.999Z"}, "occurred_at", "0999"),
        ({**VIEW, "occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "0001"),
        ({**VIEW, "occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at", "9999"),
        ({**VIEW, "recommendation_id": "x" * 129}, "recommendation_id", "xxx"),
        ({**VIEW, "price": 3}, "price", "3"),
        ("view", "row", "view"),
        (None, "row", "null"),
        ([], "row", "[]"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_is_stored(
    sink: httpx.Client, row: Any, field: str, value: str
) -> None:
    answer = send(sink, VIEW, row, RATING)
    assert (answer["accepted"], answer["duplicates"]) == (2, 0)
    [rejected] = answer["rejected"]
    assert rejected["index"] == 1
    assert rejected["reason"].startswith(f"{field}: ")
    assert value in rejected["reason"]


def test_clocks_may_differ_by_five_minutes(sink: httpx.Client) -> None:
    answer = send(sink, *({**VIEW, "occurred_at": _in_minutes(minutes)} for minutes in (4, 6)))
    assert answer["accepted"] == 1
    assert [row["index"] for row in answer["rejected"]] == [1]
    assert "in the future" in answer["rejected"][0]["reason"]


@pytest.mark.parametrize("number", ["NaN", "1e999", "-1e999", "9" * 400])
def test_a_rating_is_a_finite_number(sink: httpx.Client, number: str) -> None:
    row = f'{{"user_id": "U1", "item_id": "I1", "event_type": "rating", "rating": {number}}}'
    assert [row["index"] for row in send_text(sink, row)["rejected"]] == [0]


@pytest.mark.parametrize("field", ["user_id", "item_id", "event_id", "event_type", "x\\udfff"])
def test_a_lone_surrogate_is_no_text(sink: httpx.Client, field: str) -> None:
    row = f'{{"user_id": "U1", "item_id": "I1", "event_type": "view", "{field}": "\\ud800"}}'
    assert [row["index"] for row in send_text(sink, row)["rejected"]] == [0]


def test_a_row_with_much_wrong_gets_a_short_reason(sink: httpx.Client) -> None:
    row = {f"field{number}": "x" * 1000 for number in range(100)}
    [rejected] = send(sink, row)["rejected"]
    assert len(rejected["reason"]) < 600
    assert rejected["reason"].endswith("more")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [VIEW],
        {"interactions": []},
        {"interactions": [VIEW] * 1001},
        {"interactions": VIEW},
        {"interactions": None},
        {"interactions": "view"},
        {"interactions": [VIEW], "more": 1},
    ],
)
def test_a_body_that_is_no_such_list(sink: httpx.Client, body: Any) -> None:
    problem(sink.post("/interactions", json=body), 422)


def test_a_thousand_rows_are_taken(api: httpx.Client, engine: Engine) -> None:
    rows = [{**VIEW, "event_id": f"e{number}"} for number in range(1000)]
    assert send(api, *rows)["accepted"] == 1000
    kept = stored(engine, interactions.c.event_id)
    assert kept == [(row["event_id"],) for row in rows]  # in the order in which they came


def test_the_same_event_is_one_row(api: httpx.Client, engine: Engine) -> None:
    event = {**VIEW, "event_id": "e1"}
    assert send(api, event, {**event, "item_id": "I2"}) == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [],
    }
    assert send(api, {**event, "item_id": "I3"})["duplicates"] == 1
    assert stored(engine, interactions.c.item_id) == [("I1",)]


def test_without_an_event_id_the_same_row_at_the_same_time_is_one(
    api: httpx.Client, engine: Engine
) -> None:
    row = {**RATING, "occurred_at": NOON}
    same = {**RATING, "rating": 4.0, "occurred_at": "2025-03-01T13:00:00.000+01:00"}
    other = {**row, "rating": 3}
    answer = send(api, row, same, other)
    assert (answer["accepted"], answer["duplicates"]) == (2, 1)
    key = row_key("U1", "I1", "rating", 4.0, 1_740_830_400_000)
    # The importer's, of a file's row with these values.
    assert stored(engine, interactions.c.event_id)[0] == (event_id(key),)


def test_minus_zero_is_zero() -> None:
    rows = [{**RATING, "rating": rating, "occurred_at": NOON} for rating in (0, 0.0, -0.0)]
    read = InteractionRows(EVENT_TYPES, RatingScale(-1, 1), dt.datetime.now(dt.UTC)).read(rows)
    assert len({row["event_id"] for row in read.rows}) == 1


def test_without_event_id_and_time_equal_rows_are_two_events(
    api: httpx.Client, engine: Engine
) -> None:
    assert send(api, VIEW, VIEW)["accepted"] == 2
    assert send(api, VIEW)["accepted"] == 1
    assert len({event for (event,) in stored(engine, interactions.c.event_id)}) == 3


def test_new_users_and_items_are_registered(api: httpx.Client, engine: Engine) -> None:
    send(api, VIEW, {**VIEW, "item_id": "I2"}, {**VIEW, "user_id": "bad", "rating": 9})
    with engine.connect() as connection:
        known = connection.execute(sa.select(users.c.user_id, users.c.attributes)).all()
        columns = items.c.item_id, items.c.title, items.c.categories, items.c.is_active
        offered = connection.execute(sa.select(*columns).order_by(items.c.item_id)).all()
        revision = connection.scalar(sa.select(revisions.c.value))
    assert known == [("U1", {})]
    assert offered == [("I1", "", [], True), ("I2", "", [], True)]
    assert revision == 1
    send(api, VIEW)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(revisions.c.value)) == 1  # nothing new


def test_an_erased_user_is_rejected(api: httpx.Client, engine: Engine) -> None:
    with engine.begin() as connection:
        bury(connection, "gone", dt.datetime.now(dt.UTC))
    gone = {**VIEW, "user_id": "gone"}
    answer = send(api, {**VIEW, "rating": 9}, gone, VIEW, gone)
    assert (answer["accepted"], answer["duplicates"]) == (1, 0)
    assert [row["index"] for row in answer["rejected"]] == [0, 1, 3]
    assert "user 'gone' was erased" in answer["rejected"][1]["reason"]
    assert stored(engine, interactions.c.user_id) == [("U1",)]
    with engine.connect() as connection:
        assert list(connection.scalars(sa.select(users.c.user_id))) == ["U1"]


def test_the_next_list_leaves_out_what_was_just_acknowledged(api: httpx.Client) -> None:
    body = {"user_id": "U10001", "top_n": 1}
    [best] = api.post("/recommend", json=body).json()["recommendations"]
    send(api, {"user_id": "U10001", "item_id": best["item_id"], "event_type": "view"})
    [next_best] = api.post("/recommend", json=body).json()["recommendations"]
    assert next_best["item_id"] != best["item_id"]


def _declare(engine: Engine, *scales: tuple[float, float] | tuple[None, None]) -> None:
    now = dt.datetime.now(dt.UTC)
    rows: list[dict[str, Any]] = [
        {
            "kind": "import",
            "settings": {},
            "rating_min": lowest,
            "rating_max": highest,
            "rows_added": 0,
            "started_at": now,
        }
        for lowest, highest in scales
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(loads), rows)


def test_without_a_version_the_declared_scale_counts(serve: Serve, engine: Engine) -> None:
    with serve() as api:
        assert len(send(api, {**RATING, "rating": 5.5})["rejected"]) == 1
        _declare(engine, (0.5, 5), (None, None), (1, 10))
        answer = send(api, *({**RATING, "rating": rating} for rating in (0.4, 0.5, 10, 10.1)))
    assert [row["index"] for row in answer["rejected"]] == [0, 3]
    assert "The scale is 0.5 to 10" in answer["rejected"][0]["reason"]


def test_the_versions_scale_comes_before_the_declared_one(
    api: httpx.Client, engine: Engine
) -> None:
    _declare(engine, (1, 10))
    assert len(send(api, {**RATING, "rating": 6})["rejected"]) == 1


def test_a_version_without_ratings_leaves_it_to_the_declared_scale(
    serve: Serve, engine: Engine, artifact_dir: Path
) -> None:
    publish_current(artifact_dir, with_ratings=False)
    _declare(engine, (1, 10))
    with serve() as api:
        assert send(api, {**RATING, "rating": 6})["accepted"] == 1


def test_nothing_declared_is_one_to_five(database: Engine) -> None:
    with database.connect() as connection:
        assert expected_scale(connection) == (1, 5)


@pytest.fixture
def database(database_url: URL) -> Iterator[Engine]:
    """A database of this test's own, once on SQLite and once on MySQL."""
    database = connect(database_url)
    migrate(database)
    yield database
    database.dispose()


def shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.mark.usefixtures("version")
def test_a_storm_of_retries_leaves_each_event_once(serve: Serve, database: Engine) -> None:
    rows = [{**VIEW, "event_id": f"e{number}", "item_id": f"I{number}"} for number in range(50)]
    with (
        serve(database_url=shown(database.url)) as api,
        ThreadPoolExecutor(20) as threads,
    ):
        answers = list(threads.map(lambda _thread: send(api, *rows), range(20)))
    assert sum(answer["accepted"] for answer in answers) == 50
    assert sum(answer["duplicates"] for answer in answers) == 19 * 50
    assert sorted(stored(database, interactions.c.event_id)) == sorted(
        (row["event_id"],) for row in rows
    )


@pytest.mark.usefixtures("version")
def test_many_clients_at_once_get_their_own_answers(serve: Serve, database: Engine) -> None:
    with serve(database_url=shown(database.url)) as api:

        def send_batch(number: int) -> Any:
            rows = [{**VIEW, "event_id": f"e{number}.{row}"} for row in range(number)]
            return send(api, *rows, *rows[:1], {**VIEW, "rating": 9})

        with ThreadPoolExecutor(10) as threads:
            answers = list(threads.map(send_batch, range(1, 31)))
    assert [answer["accepted"] for answer in answers] == list(range(1, 31))
    assert {answer["duplicates"] for answer in answers} == {1}
    assert [answer["rejected"][0]["index"] for answer in answers] == list(range(2, 32))
    assert len(stored(database, interactions.c.id)) == sum(range(31))


def refused(api: httpx.Client, *rows: Any) -> None:
    """503 within two seconds, and when to come again."""
    answer = api.post("/interactions", json={"interactions": rows}, timeout=2)
    assert problem(answer, 503)["title"] == "Database away"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.programs  # a second or more
@pytest.mark.parametrize("away", [closed_port, silent_port], ids=["killed", "paused"])
@pytest.mark.usefixtures("version")
def test_it_refuses_while_mysql_is_away(serve: Serve, away: Any) -> None:
    with away() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serve(database_url=url, **IN_TIME) as api:
            refused(api, VIEW)
            answer = api.post("/users", json={"users": [{"user_id": "U1"}]}, timeout=2)
            assert problem(answer, 503)["title"] == "Database away"


def test_without_a_version_and_a_scale_it_refuses_too(serve: Serve) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serve(database_url=url, **IN_TIME) as api:
            refused(api, VIEW)


@contextmanager
def wire_to(url: URL) -> Iterator[tuple[Wire, str]]:
    """A wire to the database, and the URL through it."""
    assert url.host is not None
    assert url.port is not None
    with Wire(url.host, url.port) as wire:
        yield wire, shown(url.set(host="127.0.0.1", port=wire.port))


@pytest.mark.containers
@pytest.mark.usefixtures("version")
def test_mysql_is_paused_or_killed_and_a_retry_stores_each_row_once(
    serve: Serve, mysql_database: URL
) -> None:
    database = connect(mysql_database)
    migrate(database)
    with wire_to(mysql_database) as (wire, url), serve(database_url=url, **IN_TIME) as api:
        rows: list[Any] = [{**VIEW, "event_id": f"e{number}"} for number in range(10)]
        assert send(api, rows[0])["accepted"] == 1
        for take_away, bring_back in ((wire.hold, wire.release), (wire.cut, wire.mend)):
            take_away()
            with ThreadPoolExecutor(10) as threads:
                list(threads.map(lambda row: refused(api, row), rows))
            bring_back()
            eventually(
                lambda: api.get("/health").json()["components"]["database"]["status"] == "healthy"
            )
            answer = send(api, *rows)
            assert answer["accepted"] + answer["duplicates"] == 10
        assert sorted(stored(database, interactions.c.event_id)) == [
            (row["event_id"],) for row in rows
        ]
    database.dispose()


def test_while_another_holds_the_file_it_refuses(serve: Serve, engine: Engine) -> None:
    with serve(write_timeout_seconds=0.2) as api:
        assert send(api, VIEW)["accepted"] == 1  # it has started, and migrated the file
        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            refused(api, VIEW)
            other.rollback()
        assert send(api, VIEW)["accepted"] == 1
