"""The catalogue follows the table `items` from one request to the next, on every replica."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import storage, tables
from tests.api.interactions import NOW
from tests.api.serving import Serve

BEST = "TECH1019"


def write(engine: Engine, item_id: str, **values: Any) -> None:
    """Insert or change an item as any service does, with the next revision."""
    with engine.begin() as connection:
        row = {
            "title": "",
            "categories": [],
            "attributes": {},
            "is_active": True,
            "created_at": NOW,
        }
        new = {"item_id": item_id, **row, **values}
        if not storage.insert_missing(connection, tables.items, [new]):
            revision = storage.next_catalogue_revision(connection)
            changed = sa.update(tables.items).where(tables.items.c.item_id == item_id)
            connection.execute(changed.values(**values, revision=revision))


def listed(api: httpx.Client, **more: Any) -> list[dict[str, Any]]:
    answer = api.post("/recommend", json={"user_id": "U10001", "top_n": 10, **more})
    assert answer.status_code == 200, answer.text
    recommendations: list[dict[str, Any]] = answer.json()["recommendations"]
    return recommendations


def first(api: httpx.Client) -> dict[str, Any]:
    return listed(api)[0]


@pytest.fixture
def replicas(serve: Serve, version: str) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Two replicas that look at the volume once an hour."""
    assert version
    with serve(model_poll_seconds=3600) as first_api, serve(model_poll_seconds=3600) as second_api:
        yield first_api, second_api


def test_what_is_hidden_is_gone_from_the_next_list(
    replicas: tuple[httpx.Client, httpx.Client], engine: Engine
) -> None:
    assert [first(api)["item_id"] for api in replicas] == [BEST, BEST]
    write(engine, BEST, is_active=False)
    assert [first(api)["item_id"] for api in replicas] == ["TECH1018", "TECH1018"]
    write(engine, BEST, is_active=True, title="Renamed", categories=["TECH"])
    for api in replicas:
        assert (first(api)["item_id"], first(api)["title"]) == (BEST, "Renamed")


def test_what_is_hidden_is_gone_where_no_user_is_asked_for(
    replicas: tuple[httpx.Client, httpx.Client], engine: Engine
) -> None:
    in_session, alike = replicas
    assert [first(api)["item_id"] for api in replicas] == [BEST, BEST]
    write(engine, BEST, is_active=False)
    answer = in_session.post("/recommend/session", json={"item_ids": ["TECH1001"], "top_n": 100})
    assert BEST not in {item["item_id"] for item in answer.json()["recommendations"]}
    similar = alike.get("/items/TECH1001/similar?top_n=100").json()["similar"]
    assert BEST not in {item["item_id"] for item in similar}


def test_a_new_item_is_in_the_next_list(
    replicas: tuple[httpx.Client, httpx.Client], engine: Engine
) -> None:
    write(engine, "brand new", categories=["TECH"], title="Brand new")
    for api in replicas:
        last = listed(api)[-1]
        assert (last["item_id"], last["source"], last["title"]) == ("brand new", "new", "Brand new")
        assert last["predicted_rating"] is not None
        assert [item["source"] for item in listed(api)].count("new") == 1


def test_more_rows_than_a_page(serve: Serve, version: str, engine: Engine) -> None:
    rows = [
        {
            "item_id": f"item {number}",
            "title": "",
            "categories": ["many"],
            "attributes": {},
            "is_active": True,
            "created_at": NOW,
        }
        for number in range(5_500)
    ]
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.items, rows)
    with serve() as api:
        assert api.get("/health").json()["model_version"] == version
        for number in (0, 4_999, 5_000, 5_499):
            options = {"only_items": [f"item {number}"], "categories": ["many"]}
            assert [item["item_id"] for item in listed(api, **options)] == [f"item {number}"]


def test_an_emptied_database_takes_its_items_back(
    replicas: tuple[httpx.Client, httpx.Client], engine: Engine
) -> None:
    write(engine, BEST, is_active=False)
    assert first(replicas[0])["item_id"] == "TECH1018"
    storage.empty(engine)
    write(engine, "another", categories=["FASH"])
    names = [item["item_id"] for item in listed(replicas[0])]
    assert "another" in names
