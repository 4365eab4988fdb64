"""The next request sees the last event: on another replica, and for people nobody has seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import URL

from shared.database.engine import connect, migrate
from tests.api import small_version
from tests.api.serving import Serve, eventually
from tests.api.small_version import FASHION_ITEMS, TECH_ITEMS

Replicas = tuple[httpx.Client, httpx.Client]


@pytest.fixture(params=["sqlite", pytest.param("servers", marks=pytest.mark.containers)])
def replicas(
    request: pytest.FixtureRequest, serve: Serve, artifact_dir: Path
) -> Iterator[Replicas]:
    """Two replicas that share nothing but the volume and the database, and Redis where it is."""
    small_version.publish_current(artifact_dir, last_id=0)
    neighbours: dict[str, Any] = {}
    if request.param == "servers":
        mysql: URL = request.getfixturevalue("mysql_database")
        engine = connect(mysql)
        migrate(engine)
        engine.dispose()
        neighbours = {
            "database_url": mysql.render_as_string(hide_password=False),
            "redis_url": request.getfixturevalue("redis_url"),
            "database_timeout_seconds": 5,
            "write_timeout_seconds": 5,
        }
    with serve(**neighbours) as first, serve(**neighbours) as second:
        yield first, second


def send(replicas: Replicas, user_id: str, *item_ids: str, **event: Any) -> None:
    """Events that the first replica acknowledges."""
    fields = {"event_type": "rating", "rating": 5.0, "occurred_at": "2025-03-01T12:00:00Z", **event}
    rows = [{"user_id": user_id, "item_id": item_id, **fields} for item_id in item_ids]
    answer = replicas[0].post("/interactions", json={"interactions": rows})
    assert answer.json() == {"accepted": len(rows), "duplicates": 0, "rejected": []}, answer.text


def lists(replicas: Replicas, user_id: str, **more: Any) -> list[list[dict[str, Any]]]:
    """What each replica answers, the other one first."""
    found = []
    for api in reversed(replicas):
        answer = api.post("/recommend", json={"user_id": user_id, "top_n": 10, **more})
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["recommendations"])
    return found


def test_a_stranger_has_a_personal_list_after_the_first_events(replicas: Replicas) -> None:
    for listed in lists(replicas, "newcomer"):
        assert {item["source"] for item in listed} == {"popular"}
    send(replicas, "newcomer", "TECH1018", "TECH1017")
    for listed in lists(replicas, "newcomer"):
        assert {item["source"] for item in listed} == {"personal"}
        assert {item["item_id"] for item in listed} <= set(TECH_ITEMS)


def test_each_event_counts_for_the_next_list_of_another_replica(replicas: Replicas) -> None:
    for number in range(1019, 1009, -1):
        best = [listed[0]["item_id"] for listed in lists(replicas, "U10001")]
        assert best == [f"TECH{number}"] * 2
        send(replicas, "U10001", f"TECH{number}", event_type="view", rating=None)


def test_a_known_users_taste_can_change(replicas: Replicas) -> None:
    assert lists(replicas, "U10001")[0][0]["item_id"] == "TECH1019"
    send(replicas, "U10001", *FASHION_ITEMS[15:])
    send(replicas, "U10001", *TECH_ITEMS[10:18], rating=1.0)
    for listed in lists(replicas, "U10001"):
        assert listed[0]["item_id"] in FASHION_ITEMS


def test_predictions_know_it_too(replicas: Replicas) -> None:
    def predicted() -> list[float]:
        body = {"user_id": "newcomer", "item_ids": ["TECH1010"]}
        answers = [api.post("/predict", json=body).json() for api in replicas]
        return [answer["predictions"][0]["predicted_rating"] for answer in answers]

    before = predicted()
    send(replicas, "newcomer", "TECH1018", "TECH1019")
    after = predicted()
    assert min(after) > max(before)
    assert after[0] == after[1]


def test_what_many_come_to_is_shown_to_strangers(replicas: Replicas) -> None:
    for number in range(20):
        send(replicas, f"visitor {number}", "FASH1001", event_type="click", rating=None)

    def best() -> list[str]:
        return [listed[0]["item_id"] for listed in lists(replicas, "a stranger")]

    eventually(lambda: best() == ["FASH1001"] * 2)


def test_an_item_of_an_event_is_registered_and_can_be_hidden(replicas: Replicas) -> None:
    send(replicas, "newcomer", "TECH1018", "brand new")
    send(replicas, "another", "brand new")

    def last() -> list[str]:
        return [listed[-1]["item_id"] for listed in lists(replicas, "U10001")]

    eventually(lambda: last() == ["brand new"] * 2)
    hidden = {"items": [{"item_id": "brand new", "is_active": False}]}
    assert replicas[0].post("/items", json=hidden).json()["updated"] == 1
    for listed in lists(replicas, "U10001"):
        assert "brand new" not in {item["item_id"] for item in listed}


def test_the_user_is_described_as_it_is_now(replicas: Replicas) -> None:
    send(replicas, "newcomer", "TECH1018", "FASH1001")
    send(replicas, "newcomer", "TECH1018", event_type="view", rating=None)
    later = "2025-03-01T13:00:00.500Z"
    send(replicas, "newcomer", "FASH1001", event_type="dislike", rating=None, occurred_at=later)
    for api in replicas:
        answer = api.get("/users/newcomer").json()
        assert answer["known_to_model"]
        assert answer["segment"] is None
        assert answer["history"] == {
            "num_items": 2,
            "event_counts": {"rating": 2, "view": 1, "dislike": 1},
            "mean_rating": 5.0,
            "first_at": "2025-03-01T12:00:00Z",
            "last_at": "2025-03-01T13:00:00.500000Z",
        }
        assert answer["taste"] == [{"category": "TECH", "share": 1.0, "lift": 2.0}]
