import datetime as dt
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy.engine import Engine

from shared.database import storage, tables
from tests.api.interactions import NOW, record
from tests.api.small_version import FASHION_FANS, TECH_FANS

EVERYONE = sorted(TECH_FANS + FASHION_FANS)


def test_pages_in_the_order_of_ids(api: httpx.Client, version: str) -> None:
    first = api.get("/users?limit=5").json()
    rest = api.get("/users?limit=1000&offset=5").json()
    assert [user["user_id"] for user in first["users"] + rest["users"]] == EVERYONE
    assert first | {"users": []} == {
        "users": [],
        "total_count": len(EVERYONE),
        "limit": 5,
        "offset": 0,
        "model_version": version,
    }
    assert first["users"][0]["num_items"] == 3


def test_a_page_beyond_the_last_is_empty(standing_api: httpx.Client) -> None:
    assert standing_api.get("/users?offset=5000").json()["users"] == []


@pytest.mark.parametrize("user_id", EVERYONE)
def test_any_id_in_a_path(standing_api: httpx.Client, user_id: str) -> None:
    path = "".join(f"%{byte:02X}" for byte in user_id.encode())  # nothing left to normalise
    answer = standing_api.get(f"/users/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["user_id"] == user_id
    assert answer.json()["known_to_model"]


@pytest.mark.parametrize("user_id", ["a/b", "张伟", "é", "u1"])
def test_usual_quoting_does_too(standing_api: httpx.Client, user_id: str) -> None:
    assert standing_api.get(f"/users/{quote(user_id)}").json()["user_id"] == user_id


def test_attributes_and_the_latest_interactions(api: httpx.Client, engine: Engine) -> None:
    for number in reversed(range(12)):  # the newest is stored first
        record(
            engine, "U10001", f"ITEM{number}", occurred_at=NOW + number * dt.timedelta(minutes=1)
        )
    with engine.begin() as connection:
        user = {"user_id": "U10001", "attributes": {"user_type": "tech"}, "created_at": NOW}
        storage.insert_missing(connection, tables.users, [user])
    answer = api.get("/users/U10001").json()
    assert answer["attributes"] == {"user_type": "tech"}
    assert answer["num_interactions"] == 12
    assert [interaction["item_id"] for interaction in answer["latest_interactions"]] == [
        f"ITEM{number}" for number in range(11, 1, -1)
    ]
    assert answer["latest_interactions"][0] == {
        "item_id": "ITEM11",
        "event_type": "rating",
        "rating": 4.5,
        "value": None,
        "occurred_at": "2025-03-01T12:11:00Z",
    }


def test_a_user_since_training(api: httpx.Client, engine: Engine) -> None:
    record(engine, "newcomer", "ITEM1")
    answer = api.get("/users/newcomer").json()
    assert (answer["known_to_model"], answer["num_interactions"]) == (False, 1)


@pytest.mark.parametrize("user_id", ["nobody", "u10001", "U10001%20", "u1%00"])
def test_a_user_nobody_knows(standing_api: httpx.Client, user_id: str) -> None:
    answer = standing_api.get(f"/users/{user_id}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:sommelier:problem:unknown-user"
