"""DELETE /interactions/{event_id}: what goes, who knows it, and what the answer says is left."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from shared.database import tables
from shared.database.engine import connect, migrate
from tests.api.serving import Replicas, serving, settings
from tests.api.test_problems import problem
from tests.api.wire import closed_port

PURCHASE = {
    "event_id": "order 1/line-1 🍷",
    "user_id": "U7",
    "item_id": "TECH1001",
    "event_type": "purchase",
    "rating": None,
    "value": 2.5,
    "occurred_at": "2025-03-01T12:00:00.125000Z",
    "recommendation_id": "20250102T030405Z-0a1b2c.8c1f0e6a2b7d4935",
}


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def send(api: httpx.Client, *rows: dict[str, Any]) -> Any:
    answer = api.post("/interactions", json={"interactions": rows})
    assert answer.status_code == 200, answer.text
    return answer.json()


def remove(api: httpx.Client, event_id: str) -> Any:
    answer = api.delete(f"/interactions/{quote(event_id, safe='')}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def list_of(api: httpx.Client, user_id: str) -> Any:
    body = {"user_id": user_id, "top_n": 40}
    return api.post("/recommend", json=body).raise_for_status().json()["recommendations"]


def view(event_id: str, item_id: str, user_id: str = "U7") -> dict[str, Any]:
    return {"event_id": event_id, "user_id": user_id, "item_id": item_id, "event_type": "view"}


def test_the_answer_says_what_is_gone(replicas: Replicas, engine: Engine) -> None:
    api, other = replicas
    send(api, PURCHASE, view("e2", "TECH1002"))
    answer = remove(other, "order 1/line-1 🍷")
    assert answer["event_id"] == "order 1/line-1 🍷"
    removed = answer["removed"]
    assert removed.pop("created_at") <= answer["removed_at"]
    assert {"event_id": answer["event_id"], **removed} == PURCHASE
    with engine.connect() as connection:
        assert list(connection.scalars(sa.select(tables.interactions.c.event_id))) == ["e2"]


def test_the_next_list_knows_on_every_replica(replicas: Replicas) -> None:
    api, other = replicas
    send(api, view("e1", "TECH1001"))
    before = [list_of(replica, "U7") for replica in replicas]
    send(api, view("e2", "FASH1005"))
    for replica in replicas:
        assert list_of(replica, "U7") != before[0]
    remove(other, "e2")
    assert [list_of(replica, "U7") for replica in replicas] == before


def test_a_version_that_was_trained_with_it_does_not_bring_it_back(
    replicas: Replicas, engine: Engine
) -> None:
    """The version knows that U10001 rated TECH1001 to TECH1003, as the database does."""
    api, other = replicas
    send(api, *(view(f"e{n}", f"TECH100{n}", "U10001") for n in (1, 2, 3)))
    assert "TECH1002" not in {item["item_id"] for item in list_of(other, "U10001")}
    [_files, sentence] = remove(api, "e2")["not_reached"]
    assert sentence.startswith("Versions that were trained with it, such as 20")
    for replica in replicas:
        assert "TECH1002" in {item["item_id"] for item in list_of(replica, "U10001")}
        batch = replica.post("/recommend/batch", json={"user_ids": ["U10001"], "top_n": 40})
        [result] = batch.json()["results"]
        assert "TECH1002" in {item["item_id"] for item in result["recommendations"]}
        user = replica.get("/users/U10001").json()
        assert user["history"]["num_items"] == 2


def test_the_last_event_of_a_user_can_go(replicas: Replicas) -> None:
    api, _other = replicas
    send(api, view("e1", "TECH1001", "U10001"))
    remove(api, "e1")
    assert {item["source"] for item in list_of(api, "U10001")} == {"popular"}


def test_what_is_newer_than_the_version_is_no_part_of_it(
    replicas: Replicas, engine: Engine
) -> None:
    api, _other = replicas
    with engine.begin() as connection:
        row = {"id": 1_000, "event_id": "late", "user_id": "U7", "item_id": "TECH1001"}
        row |= {"event_type": "view", "created_at": sa.func.now()}
        connection.execute(sa.insert(tables.interactions).values(row))
    assert len(remove(api, "late")["not_reached"]) == 1


def test_sent_again_it_is_stored_again(replicas: Replicas) -> None:
    api, other = replicas
    send(api, view("e1", "TECH1001"))
    remove(other, "e1")
    assert send(api, view("e1", "TECH1001"))["accepted"] == 1


def test_what_was_sent_under_an_alias_is_the_users(replicas: Replicas) -> None:
    api, other = replicas
    send(api, view("e1", "TECH1001", "visitor-1"))
    api.post("/users/merge", json={"from": "visitor-1", "into": "U7"}).raise_for_status()
    assert remove(other, "e1")["removed"]["user_id"] == "U7"
    assert list_of(api, "visitor-1") == list_of(api, "nobody")


def test_an_event_that_is_not_there(replicas: Replicas) -> None:
    api, other = replicas
    send(api, view("e1", "TECH1001"))
    remove(api, "e1")
    for replica, event_id in ((api, "e1"), (other, "E1"), (other, "nothing")):
        answer = problem(replica.delete(f"/interactions/{event_id}"), 404)
        assert answer["title"] == "Unknown event"
        assert f"'{event_id}'" in answer["detail"]
    problem(api.delete("/interactions/" + "x" * 65), 422)


@pytest.mark.usefixtures("version")
def test_without_the_database_nothing_is_removed(tmp_path: Path) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serving(settings(tmp_path, database_url=url)) as api:
            assert problem(api.delete("/interactions/e1"), 503)["title"] == "Database away"
