"""POST /users/merge: one person under several ids, on SQLite and on MySQL, with two replicas."""

import datetime as dt
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from services.api.ingest.merging import MOVED_AT_ONCE
from shared.database import tables
from shared.database.engine import connect, migrate
from tests.api.interactions import NOW, record
from tests.api.serving import Replicas, serving, settings
from tests.api.test_problems import problem
from tests.api.wire import closed_port


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def merge(api: httpx.Client, alias: str, into: str) -> dict[str, Any]:
    answer = api.post("/users/merge", json={"from": alias, "into": into})
    assert answer.status_code == 200, answer.text
    merged: dict[str, Any] = answer.json()
    return merged


def refused(api: httpx.Client, alias: str, into: str) -> str:
    answer = api.post("/users/merge", json={"from": alias, "into": into})
    assert problem(answer, 409)["title"] == "Merge refused"
    return str(answer.json()["detail"])


def send(api: httpx.Client, user_id: str, *event_ids: str, item_id: str = "TECH1001") -> Any:
    rows = [
        {"event_id": id_, "user_id": user_id, "item_id": item_id, "event_type": "view"}
        for id_ in event_ids
    ]
    answer = api.post("/interactions", json={"interactions": rows})
    assert answer.status_code == 200, answer.text
    return answer.json()


def describe(api: httpx.Client, user_id: str, **attributes: object) -> Any:
    row = {"user_id": user_id, "attributes": attributes}
    return api.post("/users", json={"users": [row]}).raise_for_status().json()


def list_of(api: httpx.Client, user_id: str, **options: object) -> Any:
    body = {"user_id": user_id, "top_n": 5, **options}
    return api.post("/recommend", json=body).raise_for_status().json()


def rows_by_user(engine: Engine) -> dict[str, int]:
    user_id = tables.interactions.c.user_id
    with engine.connect() as connection:
        query = sa.select(user_id, sa.func.count()).group_by(user_id)
        return {row[0]: row[1] for row in connection.execute(query)}


def registered(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        query = sa.select(tables.users.c.user_id, tables.users.c.attributes)
        return {row[0]: row[1] for row in connection.execute(query)}


def test_all_becomes_the_users(replicas: Replicas, engine: Engine) -> None:
    api, other = replicas
    send(api, "visitor-1", "e1", "e2")
    send(api, "U7", "e3", item_id="TECH1002")
    describe(api, "visitor-1", language="de", age=20)
    describe(api, "U7", age=34)
    for user_id in ("visitor-1", "U7"):
        list_of(api, user_id)

    merged = merge(other, "visitor-1", "U7")

    assert merged.pop("merged_at") <= dt.datetime.now(dt.UTC).isoformat()
    assert merged == {
        "user_id": "U7",
        "alias": "visitor-1",
        "interactions": 2,
        "cached_lists": 0,  # those are in the other replica's memory
    }
    assert rows_by_user(engine) == {"U7": 3}
    assert registered(engine) == {"U7": {"language": "de", "age": 34}}
    for replica in replicas:
        user = replica.get("/users/visitor-1").json()
        assert (user["user_id"], user["num_interactions"]) == ("U7", 3)
        assert user == replica.get("/users/U7").json()


def test_cached_lists_of_both_go(replicas: Replicas) -> None:
    api, _other = replicas
    send(api, "visitor-1", "e1")
    for user_id in ("visitor-1", "U7"):
        list_of(api, user_id)
        list_of(api, user_id, top_n=2)
    assert merge(api, "visitor-1", "U7")["cached_lists"] == 4


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    """A list, but for whose it is."""
    whose = {"user_id", "recommendation_id", "next_cursor"}
    return {key: value for key, value in answer.items() if key not in whose}


@pytest.mark.parametrize("alias", ["visitor-1", "U1"], ids=["a stranger", "known to the version"])
def test_the_list_is_as_if_all_had_been_the_users(
    replicas: Replicas, engine: Engine, alias: str
) -> None:
    """Of whom the version knows, the database has what it was trained on."""
    api, other = replicas
    before = NOW - dt.timedelta(days=1)
    record(engine, alias, "TECH1001", "TECH1002", "TECH1003", occurred_at=before)
    record(engine, "U7", "FASH1001", event_type="view")
    record(engine, "all along", "TECH1001", "TECH1002", "TECH1003", occurred_at=before)
    record(engine, "all along", "FASH1001", event_type="view")
    merge(api, alias, "U7")
    expected = without_id(list_of(api, "all along", explain=True))
    for replica in replicas:
        for user_id in ("U7", alias):
            answer = list_of(replica, user_id, explain=True)
            assert answer["user_id"] == "U7"
            assert without_id(answer) == expected
    batch = other.post("/recommend/batch", json={"user_ids": [alias, "U7"], "top_n": 5}).json()
    assert [result["user_id"] for result in batch["results"]] == ["U7", "U7"]
    ratings = api.post("/predict", json={"user_id": alias, "item_ids": ["TECH1005"]}).json()
    assert ratings == api.post("/predict", json={"user_id": "U7", "item_ids": ["TECH1005"]}).json()
    why = api.get(f"/users/{alias}/why-not/TECH1001").json()
    assert (why["user_id"], why["stage"]) == ("U7", "unseen")


def test_pages_go_on_under_either_id(replicas: Replicas) -> None:
    api, _other = replicas
    send(api, "visitor-1", "e1")
    merge(api, "visitor-1", "U7")
    first = list_of(api, "visitor-1")
    second = list_of(api, "U7", cursor=first["next_cursor"])
    shown = [item["item_id"] for page in (first, second) for item in page["recommendations"]]
    assert len(set(shown)) == 10


def test_what_comes_later_is_the_users(replicas: Replicas, engine: Engine) -> None:
    api, other = replicas
    send(api, "visitor-1", "e1")
    merge(api, "visitor-1", "U7")
    assert send(other, "visitor-1", "e2") == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert send(other, "visitor-1", "e1", "e2")["duplicates"] == 2
    assert describe(other, "visitor-1", age=34) == {"created": 0, "updated": 1, "rejected": []}
    assert rows_by_user(engine) == {"U7": 2}
    assert registered(engine) == {"U7": {"age": 34}}


def test_an_event_without_an_id_that_is_sent_again_stays_one(
    replicas: Replicas, engine: Engine
) -> None:
    api, _other = replicas
    row = {
        "user_id": "visitor-1",
        "item_id": "TECH1001",
        "event_type": "view",
        "occurred_at": "2025-03-01T12:00:00Z",
    }
    body = {"interactions": [row]}
    assert api.post("/interactions", json=body).json()["accepted"] == 1
    merge(api, "visitor-1", "U7")
    assert api.post("/interactions", json=body).json()["duplicates"] == 1


def test_both_ids_in_one_request(replicas: Replicas, engine: Engine) -> None:
    api, _other = replicas
    merge(api, "visitor-1", "U7")
    users = [
        {"user_id": "U7", "attributes": {"age": 34}},
        {"user_id": "visitor-1", "attributes": {"age": 35}},
    ]
    answer = api.post("/users", json={"users": users}).json()
    assert answer == {"created": 0, "updated": 2, "rejected": []}
    assert registered(engine) == {"U7": {"age": 35}}


def test_a_visitor_who_did_nothing_is_merged_before_what_comes(
    replicas: Replicas, engine: Engine
) -> None:
    api, other = replicas
    assert merge(api, "visitor-1", "new one")["interactions"] == 0
    send(other, "visitor-1", "e1")
    assert rows_by_user(engine) == {"new one": 1}
    assert registered(engine) == {"new one": {}}


def test_merged_again_changes_nothing(replicas: Replicas) -> None:
    api, other = replicas
    send(api, "visitor-1", "e1")
    first, second = merge(api, "visitor-1", "U7"), merge(other, "visitor-1", "U7")
    assert second == first | {"interactions": 0, "cached_lists": 0}


def test_merges_follow_those_before(replicas: Replicas, engine: Engine) -> None:
    api, _other = replicas
    for number, user_id in enumerate(("v1", "v2", "v3", "U7")):
        send(api, user_id, f"e{number}")
    merge(api, "v1", "v2")
    assert merge(api, "v3", "v1")["user_id"] == "v2"
    assert merge(api, "v2", "U7")["interactions"] == 3
    assert rows_by_user(engine) == {"U7": 4}
    for alias in ("v1", "v2", "v3"):
        assert api.get(f"/users/{alias}").json()["user_id"] == "U7"


def test_what_cannot_be_merged_is_told(replicas: Replicas, engine: Engine) -> None:
    api, _other = replicas
    for number, user_id in enumerate(("v1", "U7", "U8", "gone")):
        send(api, user_id, f"e{number}")
    merge(api, "v1", "U7")
    api.delete("/users/gone").raise_for_status()
    assert "cannot be merged into itself" in refused(api, "U7", "U7")
    assert "both are one user" in refused(api, "U7", "v1")
    assert "another id of 'U7' already" in refused(api, "v1", "U8")
    assert "'gone' was erased" in refused(api, "gone", "U7")
    assert "'gone' was erased" in refused(api, "U8", "gone")
    assert rows_by_user(engine) == {"U7": 2, "U8": 1}
    assert api.get("/users/U8").json()["user_id"] == "U8"


@pytest.mark.parametrize(
    "body",
    [
        {"from": "v1"},
        {"into": "U7"},
        {"from": "", "into": "U7"},
        {"from": "v1", "into": "x" * 65},
        {"from": 1, "into": "U7"},
        {"alias": "v1", "into": "U7"},
        {"from": "v1", "into": "U7", "when": "now"},
    ],
)
def test_what_is_no_merge(standing_api: httpx.Client, body: object) -> None:
    problem(standing_api.post("/users/merge", json=body), 422)


@pytest.mark.usefixtures("version")
def test_without_the_database_nothing_is_merged(tmp_path: Path) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user:secret@127.0.0.1:{port}/sommelier"
        with serving(settings(tmp_path, database_url=url)) as api:
            answer = api.post("/users/merge", json={"from": "v1", "into": "U7"})
            assert problem(answer, 503)["title"] == "Database away"


def test_more_interactions_than_one_transaction_takes(replicas: Replicas, engine: Engine) -> None:
    api, _other = replicas
    many = [f"item {n}" for n in range(2 * MOVED_AT_ONCE + 1)]
    for begin in range(0, len(many), 1000):
        record(engine, "v1", *many[begin : begin + 1000])
    assert merge(api, "v1", "U7")["interactions"] == len(many)
    assert rows_by_user(engine) == {"U7": len(many)}


def test_too_many_for_an_erased_user_stay_where_they_are(
    replicas: Replicas, engine: Engine
) -> None:
    api, _other = replicas
    send(api, "U7", "e1")
    api.delete("/users/U7").raise_for_status()
    for begin in range(0, 3 * MOVED_AT_ONCE, 1000):
        record(engine, "v1", *(f"item {n}" for n in range(begin, begin + 1000)))
    refused(api, "v1", "U7")
    assert rows_by_user(engine) == {"v1": 3 * MOVED_AT_ONCE}


def test_no_event_stays_behind_while_ids_are_merged(replicas: Replicas, engine: Engine) -> None:
    """Visitors send on, at both replicas, while they are merged one after the other."""
    visitors = [f"visitor-{number}" for number in range(12)]

    def browse(replica: httpx.Client, name: str) -> int:
        return sum(
            send(replica, visitor, f"{name} {visitor} {number}")["accepted"]
            for number in range(8)
            for visitor in visitors
        )

    def log_in(replica: httpx.Client) -> None:
        for number, visitor in enumerate(visitors):
            merge(replica, visitor, f"U{number % 3}")

    with ThreadPoolExecutor(6) as threads:
        sending = [
            threads.submit(browse, replica, f"{name}")
            for name, replica in enumerate((*replicas, *replicas))
        ]
        merging = [threads.submit(log_in, replica) for replica in replicas]
        sent = sum(work.result() for work in sending)
        for work in merging:
            work.result()
    assert sent == 4 * 8 * len(visitors)
    assert rows_by_user(engine) == dict.fromkeys(("U0", "U1", "U2"), sent // 3)
    assert set(registered(engine)) == {"U0", "U1", "U2"}


def status_of(api: httpx.Client, alias: str, into: str) -> int:
    return api.post("/users/merge", json={"from": alias, "into": into}).status_code


def test_of_two_merges_at_once_that_contradict_one_another_one_holds(
    replicas: Replicas, engine: Engine
) -> None:
    for number in range(6):
        left, right, third = f"a{number}", f"b{number}", f"c{number}"
        send(replicas[0], left, f"left {number}")
        send(replicas[0], right, f"right {number}")
        contradictions = [(left, right), (right, left) if number % 2 else (left, third)]
        with ThreadPoolExecutor(2) as threads:
            works = [
                threads.submit(status_of, replica, *ids)
                for replica, ids in zip(replicas, contradictions, strict=True)
            ]
            assert sorted(work.result() for work in works) == [200, 409]
    with engine.connect() as connection:
        rows = connection.execute(sa.select(tables.merges)).all()
    merges = {row.user_id: row.into_user_id for row in rows}
    assert len(merges) == 6
    assert not merges.keys() & set(merges.values())
    assert not merges.keys() & rows_by_user(engine).keys()


def test_a_circle_of_merges_at_once_never_closes(replicas: Replicas, engine: Engine) -> None:
    circle = ["x", "y", "z"]
    pairs = list(itertools.pairwise([*circle, "x"]))
    for number, user_id in enumerate(circle):
        send(replicas[0], user_id, f"e{number}")
    with ThreadPoolExecutor(3) as threads:
        works = [threads.submit(status_of, replicas[n % 2], *pair) for n, pair in enumerate(pairs)]
        assert sorted(work.result() for work in works) == [200, 200, 409]
    [(_user_id, count)] = rows_by_user(engine).items()
    assert count == 3
