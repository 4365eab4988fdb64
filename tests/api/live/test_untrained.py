"""What is answered before the first training: lists of what is popular, from the first event on."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from services.api.live.untrained import UNTRAINED
from shared.artifacts.current import Current
from shared.database import storage, tables
from shared.database.engine import connect, migrate
from shared.durable_files import replace_text
from tests.api import small_version
from tests.api.interactions import NOW, record
from tests.api.live.test_served_version import flip_a_byte
from tests.api.serving import Serve, eventually
from tests.api.wire import Wire, closed_port

ITEMS = tuple(f"I{number:02}" for number in range(30))
WANTED = ("I07", "I21", "I03")  # by 3, 2 and 1 people


def describe(engine: Engine, *item_ids: str, category: str = "") -> None:
    """Register items, committed."""
    categories = [category] if category else []
    row = {"title": "An item", "attributes": {}, "is_active": True, "created_at": NOW}
    with engine.begin() as connection:
        rows = [{"item_id": item_id, "categories": categories, **row} for item_id in item_ids]
        storage.insert_missing(connection, tables.items, rows)


@pytest.fixture
def untrained(serve: Serve, engine: Engine) -> Iterator[httpx.Client]:
    """The API without any version, over 30 items of which people wanted three."""
    describe(engine, *ITEMS[:20], category="odd")
    describe(engine, *ITEMS[20:])
    for rank, item_id in enumerate(WANTED):
        for user in range(3 - rank):
            record(engine, f"u{user}", item_id, item_id, event_type="view")
    record(engine, "u9", "I05", event_type="dislike")
    with serve(new_item_share=0) as api:
        eventually(lambda: ids(ask(api, "stranger", top_n=3)) == list(WANTED))
        yield api


def ask(api: httpx.Client, user_id: str, path: str = "/recommend", **options: Any) -> Any:
    answer = api.post(path, json={"user_id": user_id, **options})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: Any) -> list[str]:
    return [item["item_id"] for item in answer["recommendations"]]


def test_an_empty_database_is_healthy_and_says_what_is_to_come(serve: Serve) -> None:
    with serve(train_after=1000) as api:
        answer = api.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
        assert (answer.json()["model_loaded"], answer.json()["model_version"]) == (False, UNTRAINED)
        assert answer.json()["components"]["model"]["detail"] == (
            "no model is trained yet: lists are popular ones; 0 of 1,000 interactions until the "
            "first training"
        )
        ready = api.get("/health/ready")
        assert (ready.status_code, ready.json()["model_version"]) == (200, UNTRAINED)
        assert ids(ask(api, "anybody")) == []
        assert api.get("/users").json()["users"] == []
        assert api.get("/segments").json()["segments"] == []


def test_events_alone_make_a_list_within_moments(serve: Serve) -> None:
    with serve(train_after=2) as api:
        event = {"item_id": "what we sell", "event_type": "view"}
        events = [{"user_id": f"u{number}", **event} for number in range(2)]
        accepted = api.post("/interactions", json={"interactions": events}).json()
        assert accepted["accepted"] == 2
        eventually(
            lambda: (
                [
                    (item["item_id"], item["score"], item["source"])
                    for item in ask(api, "stranger")["recommendations"]
                ]
                == [("what we sell", 2, "popular")]
            )
        )
        eventually(lambda: api.get("/health").json()["first_training"]["interactions"] == 2)
        assert "make train" in api.get("/health").json()["components"]["model"]["detail"]


def test_the_most_wanted_come_first_and_what_nobody_wanted_by_chance(
    untrained: httpx.Client,
) -> None:
    listed = ask(untrained, "stranger", top_n=10, explain=True)
    assert listed["model_version"] == UNTRAINED
    assert listed["recommendation_id"].startswith(f"{UNTRAINED}.")
    first = listed["recommendations"][:3]
    assert [(item["item_id"], item["score"]) for item in first] == [
        *zip(WANTED, (3, 2, 1), strict=True)
    ]
    assert [item["predicted_rating"] for item in first] == [None] * 3
    sources = [item["source"] for item in listed["recommendations"]]
    assert sources == ["popular"] * 3 + ["new"] * 7
    sentences = Counter(item["reason"]["sentence"] for item in listed["recommendations"])
    assert sentences == {"Popular right now.": 3, "New here.": 7}
    assert ask(untrained, "stranger", top_n=10, explain=True) == listed
    others = {tuple(ids(ask(untrained, f"stranger {n}", top_n=10))[3:]) for n in range(5)}
    assert len(others) == 5


def test_a_place_of_ten_is_for_what_nobody_wanted_yet(serve: Serve, engine: Engine) -> None:
    describe(engine, *ITEMS)
    record(engine, "u", *ITEMS[:20], event_type="view")
    with serve(new_item_share=0.1) as api:
        eventually(lambda: [item["score"] for item in rows(api, 1)] == [1])
        assert [item["source"] for item in rows(api, 10)] == ["popular"] * 9 + ["new"]
        assert len({rows(api, 10, n)[-1]["item_id"] for n in range(20)}) > 3


def rows(api: httpx.Client, top_n: int, stranger: int = 0) -> list[dict[str, Any]]:
    answer = ask(api, f"stranger {stranger}", top_n=top_n)
    return list(answer["recommendations"])


def test_what_a_user_has_seen_is_left_out_at_once(untrained: httpx.Client) -> None:
    assert ids(ask(untrained, "u0", top_n=3))[0] not in WANTED
    event = {"user_id": "somebody", "item_id": "I07", "event_type": "view"}
    untrained.post("/interactions", json={"interactions": [event]}).raise_for_status()
    assert ids(ask(untrained, "somebody", top_n=2)) == ["I21", "I03"]
    with_seen = ask(untrained, "somebody", top_n=2, exclude_rated=False)
    assert ids(with_seen)[0] == "I07"


def test_whoever_did_something_sees_what_others_want_since(
    untrained: httpx.Client, engine: Engine
) -> None:
    assert ids(ask(untrained, "u2", top_n=2)) == ["I21", "I03"]
    for number in range(4):
        record(engine, f"another {number}", "I11", event_type="view")
    eventually(lambda: ids(ask(untrained, "u2", top_n=2)) == ["I11", "I21"])


def test_pages_filters_sets_and_diversity_work(untrained: httpx.Client) -> None:
    page = ask(untrained, "stranger", top_n=20)
    rest = ask(untrained, "stranger", top_n=20, cursor=page["next_cursor"])
    assert sorted(ids(page) + ids(rest)) == sorted(ITEMS)
    assert rest["next_cursor"] is None
    assert ids(ask(untrained, "stranger", top_n=2, categories=["odd"])) == ["I07", "I03"]
    chosen = ask(untrained, "stranger", only_items=["I00", "I03", "I21"])
    assert ids(chosen) == ["I21", "I03", "I00"]
    diverse = ask(untrained, "stranger", top_n=2, diversity=1)
    assert ids(diverse) == ["I07", "I21"]  # one of each category


def test_exploration_draws_from_what_counts_may_come_by_chance(untrained: httpx.Client) -> None:
    firsts = {
        ids(ask(untrained, f"stranger {number}", top_n=1, exploration=1))[0] for number in range(30)
    }
    assert {"I07", "I21"} <= firsts


def test_batch_and_session_are_popular_too(untrained: httpx.Client) -> None:
    body = {"user_ids": ["u2", "stranger"], "top_n": 2}
    answer = untrained.post("/recommend/batch", json=body).json()
    assert [ids(result) for result in answer["results"]] == [["I21", "I03"], ["I07", "I21"]]
    assert answer["model_version"] == UNTRAINED
    session = untrained.post("/recommend/session", json={"item_ids": ["I07"], "top_n": 2}).json()
    assert ids(session) == ["I21", "I03"]
    assert {item["source"] for item in session["recommendations"]} == {"popular"}


def test_ratings_are_of_no_model(untrained: httpx.Client) -> None:
    refused = untrained.post("/recommend", json={"user_id": "u0", "rank_by": "rating"})
    assert refused.status_code == 409
    assert "none is trained yet" in refused.json()["detail"]
    body = {"user_id": "u0", "item_ids": ["I07", "unheard of"]}
    answer = untrained.post("/predict", json=body).json()
    assert [(each["source"], each["predicted_rating"]) for each in answer["predictions"]] == [
        ("none", None)
    ] * 2
    assert answer["model_version"] == UNTRAINED


def test_why_not_follows_the_same_stages(untrained: httpx.Client) -> None:
    seen = untrained.get("/users/u0/why-not/I07").json()
    assert (seen["stage"], seen["model_version"]) == ("unseen", UNTRAINED)
    listed = untrained.get("/users/stranger/why-not/I21").json()
    assert (listed["rank"], listed["explanation"]) == (
        2,
        "It is in the list, at rank 2. Popular right now.",
    )
    last = untrained.get("/users/stranger/why-not/I03?top_n=1").json()
    assert (last["stage"], last["rank"]) == ("cut", 3)


def test_similar_items_are_popular_ones_of_the_category(untrained: httpx.Client) -> None:
    answer = untrained.get("/items/I00/similar?top_n=3").json()
    assert (answer["source"], answer["model_version"]) == ("category", UNTRAINED)
    assert [item["item_id"] for item in answer["similar"]] == ["I07", "I03", "I01"]
    without = untrained.get("/items/I29/similar?top_n=3").json()
    assert without["source"] == "popular"
    assert [item["item_id"] for item in without["similar"]] == list(WANTED)
    assert untrained.get("/items/unheard of/similar").status_code == 404


def test_an_item_that_has_its_category_alone_is_like_the_popular_ones(
    untrained: httpx.Client, engine: Engine
) -> None:
    describe(engine, "alone", category="its own")
    answer = untrained.get("/items/alone/similar?top_n=1").json()
    assert (answer["source"], answer["similar"][0]["item_id"]) == ("popular", "I07")


def test_a_user_is_described_by_what_the_database_knows(untrained: httpx.Client) -> None:
    user = untrained.get("/users/u0").json()
    assert (user["known_to_model"], user["num_interactions"]) == (False, 6)
    assert (user["segment"], user["model_version"]) == (None, UNTRAINED)
    assert untrained.get("/users/stranger").status_code == 404


def test_a_first_version_takes_over(untrained: httpx.Client, artifact_dir: Path) -> None:
    version = small_version.publish_current(artifact_dir)
    eventually(lambda: untrained.get("/health/ready").json()["model_version"] == version)
    answer = ask(untrained, "U10001")
    assert answer["model_version"] == version
    assert {item["source"] for item in answer["recommendations"]} == {"personal"}
    health = untrained.get("/health").json()
    assert (health["status"], health["model_loaded"]) == ("healthy", True)
    eventually(lambda: untrained.get("/health").json()["first_training"] is None)


def test_a_damaged_version_leaves_popular_lists_and_says_so(
    untrained: httpx.Client, artifact_dir: Path
) -> None:
    whole = small_version.publish(artifact_dir)
    flip_a_byte(artifact_dir / "models" / whole)
    current = Current(version=whole, previous=None, activated_at=NOW, reason="test")
    replace_text(artifact_dir / "current.json", current.model_dump_json())
    eventually(lambda: untrained.get("/health").json()["status"] == "degraded")
    detail = untrained.get("/health").json()["components"]["model"]["detail"]
    assert "checksum" in detail
    assert detail.endswith("lists are popular ones")
    assert ids(ask(untrained, "stranger", top_n=3)) == list(WANTED)
    assert untrained.get("/health/ready").status_code == 200


def test_with_the_database_away_and_nothing_known_it_says_so(serve: Serve) -> None:
    with closed_port() as port:
        url = f"mysql+pymysql://user@127.0.0.1:{port}/sommelier"
        with serve(database_url=url, database_timeout_seconds=1) as api:
            assert api.get("/health/live").status_code == 200
            unhealthy = api.get("/health")
            assert (unhealthy.status_code, unhealthy.json()["status"]) == (503, "unhealthy")
            for refused in (
                api.get("/health/ready"),
                api.post("/recommend", json={"user_id": "U10001"}),
                api.post("/recommend/batch", json={"user_ids": ["U10001"]}),
                api.post("/recommend/session", json={"item_ids": ["a"]}),
                api.post("/predict", json={"user_id": "U10001", "item_ids": ["TECH1001"]}),
                api.get("/items/a/similar"),
                api.get("/users/U10001"),
                api.get("/users/U10001/why-not/a"),
            ):
                assert refused.status_code == 503
                assert refused.headers["retry-after"]
                assert "the database does not answer" in refused.json()["detail"]


@pytest.mark.containers
def test_lists_go_on_while_the_database_is_away(serve: Serve, mysql_database: Any) -> None:
    engine = connect(mysql_database)
    migrate(engine)
    describe(engine, *ITEMS)
    for user in range(3):
        record(engine, f"u{user}", "I07", event_type="view")
    engine.dispose()
    with Wire(mysql_database.host, mysql_database.port) as wire:
        url = mysql_database.set(host="127.0.0.1", port=wire.port)
        shown = url.render_as_string(hide_password=False)
        with serve(database_url=shown, database_timeout_seconds=1) as api:
            eventually(lambda: ids(ask(api, "stranger", top_n=1)) == ["I07"])
            wire.cut()
            eventually(lambda: api.get("/health").json()["status"] == "degraded")
            assert ids(ask(api, "stranger", top_n=1)) == ["I07"]
            assert api.get("/health/ready").status_code == 200
