"""Lists for nobody in particular, over HTTP: what is popular, and what came last."""

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from shared.database import storage, tables
from shared.database.blank_rows import blank_item
from tests.api import small_version
from tests.api.interactions import NOW, record
from tests.api.serving import Serve, eventually
from tests.api.shop import send
from tests.api.small_version import FASHION_ITEMS, INACTIVE, TECH_ITEMS
from tests.api.test_problems import problem
from tests.api.wire import closed_port

both = pytest.mark.parametrize("path", ["/popular", "/latest"])


def ask(api: httpx.Client, path: str, **query: Any) -> Any:
    answer = api.get(path, params={"top_n": 100, **query})
    assert answer.status_code == 200, answer.text
    assert answer.json()["total_count"] == len(answer.json()["items"])
    return answer.json()


def ids(api: httpx.Client, path: str, **query: Any) -> list[str]:
    listed = ask(api, path, **query)["items"]
    assert [item["rank"] for item in listed] == [*range(1, len(listed) + 1)]
    return [item["item_id"] for item in listed]


def insert(engine: Engine, item_id: str, created_at: dt.datetime, **fields: Any) -> None:
    """An item as another service writes it."""
    row = {**blank_item(item_id, created_at), **fields}
    with engine.begin() as connection:
        row["revision"] = storage.next_catalogue_revision(connection)
        storage.insert_missing(connection, tables.items, [row])


def test_the_most_wanted_come_first(standing_api: httpx.Client, version_of_standing: str) -> None:
    """Of two that are wanted by as many the smaller id."""
    answer = ask(standing_api, "/popular", top_n=3)
    assert answer == {
        "items": [
            {
                "rank": rank,
                "item_id": item,
                "score": score,
                "title": f"Title of {item}",
                "categories": [item[:4]],
            }
            for rank, item, score in ((1, "FASH1020", 20), (2, "FASH1019", 19), (3, "TECH1019", 19))
        ],
        "total_count": 3,
        "model_version": version_of_standing,
    }
    everything = ids(standing_api, "/popular")
    assert set(everything) == {*TECH_ITEMS, *FASHION_ITEMS} - {INACTIVE}
    numbers = [int(item[4:]) for item in everything]
    assert numbers == sorted(numbers, reverse=True)


def test_ten_where_nothing_is_asked(standing_api: httpx.Client) -> None:
    assert len(standing_api.get("/popular").json()["items"]) == 10
    assert len(standing_api.get("/latest").json()["items"]) == 10


def test_what_people_wanted_since_counts(api: httpx.Client, engine: Engine) -> None:
    assert ids(api, "/popular", top_n=1) == ["FASH1020"]
    seen_at_training = small_version.SmallVersion().last_id
    for number in range(seen_at_training):
        record(engine, f"of the training {number}", "TECH1019")
    for number in range(15):
        record(engine, f"newcomer {number}", "TECH1010")
    eventually(lambda: ids(api, "/popular", top_n=2) == ["TECH1010", "FASH1020"])
    assert ask(api, "/popular", top_n=1)["items"][0]["score"] == 25


def test_what_came_since_is_popular_as_soon_as_people_want_it(
    serve: Serve, artifact_dir: Path, engine: Engine
) -> None:
    small_version.publish_current(artifact_dir, last_id=0)
    with serve() as api:
        send(api, {"item_id": "new", "title": "New"})
        assert ids(api, "/popular")[-1] == "new"
        for number in range(21):
            record(engine, f"newcomer {number}", "new")
        eventually(lambda: ids(api, "/popular")[0] == "new")
        assert ask(api, "/popular")["items"][0]["score"] == 21


def test_what_nobody_described_waits_for_a_second_person(
    serve: Serve, artifact_dir: Path, engine: Engine
) -> None:
    small_version.publish_current(artifact_dir, last_id=0)
    with serve() as api:
        insert(engine, "typo", NOW)
        record(engine, "U10001", "typo")
        record(engine, "U10002", "TECH1001")
        eventually(lambda: "TECH1001" not in ids(api, "/popular")[-2:])
        assert "typo" not in ids(api, "/popular")
        record(engine, "U10002", "typo")
        eventually(lambda: "typo" in ids(api, "/popular"))
        assert "typo" not in ids(api, "/latest")
        send(api, {"item_id": "typo", "title": "No typo"})
        assert "typo" in ids(api, "/latest")


def test_the_newest_come_first_and_those_of_unknown_age_last(
    api: httpx.Client, engine: Engine
) -> None:
    day = dt.timedelta(days=1)
    insert(engine, "yesterday", NOW - day, title="A")
    insert(engine, "tomorrow", NOW + day, title="B")
    insert(engine, "today", NOW, categories=["TECH"])
    insert(engine, "today too", NOW, attributes={"price": 3})
    insert(engine, "never described", NOW + 2 * day)
    insert(engine, "inactive", NOW + 2 * day, title="C", is_active=False)
    listed = ask(api, "/latest")["items"]
    assert [(item["item_id"], item["created_at"]) for item in listed[:4]] == [
        ("tomorrow", "2025-03-02T12:00:00Z"),
        ("today", "2025-03-01T12:00:00Z"),
        ("today too", "2025-03-01T12:00:00Z"),
        ("yesterday", "2025-02-28T12:00:00Z"),
    ]
    assert {item["created_at"] for item in listed[4:]} == {None}
    assert [item["item_id"] for item in listed[4:]] == [
        item for item in sorted(TECH_ITEMS + FASHION_ITEMS) if item != INACTIVE
    ]


def test_a_new_item_is_the_latest_at_once(api: httpx.Client) -> None:
    send(api, {"item_id": "fresh", "title": "Fresh", "categories": ["TECH"]})
    assert ids(api, "/latest", top_n=1) == ["fresh"]
    assert ids(api, "/latest", top_n=1, category="TECH") == ["fresh"]
    assert ids(api, "/latest", top_n=1, category="FASH") == ["FASH1001"]


@both
def test_of_one_category(standing_api: httpx.Client, path: str) -> None:
    assert set(ids(standing_api, path, category="FASH")) == set(FASHION_ITEMS)
    assert ids(standing_api, path, category="nothing is in it") == []


@both
@pytest.mark.parametrize(
    "query", ["top_n=0", "top_n=101", "top_n=many", "category=", "kategory=FASH", "filter="]
)
def test_what_cannot_be_asked(standing_api: httpx.Client, path: str, query: str) -> None:
    detail = problem(standing_api.get(f"{path}?{query}"), 422)["detail"]
    assert detail.startswith(query.split("=")[0])


@both
@pytest.mark.usefixtures("version")
def test_without_the_database_the_version_answers(serve: Serve, path: str) -> None:
    with (
        closed_port() as port,
        serve(database_url=f"mysql+pymysql://u:p@127.0.0.1:{port}/s") as api,
    ):
        assert set(ids(api, path)) == {*TECH_ITEMS, *FASHION_ITEMS} - {INACTIVE}
