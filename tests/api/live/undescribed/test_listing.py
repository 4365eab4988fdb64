"""An item of which nobody has said anything is in no list before a second person used it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import URL, Engine

from shared.database.engine import connect, migrate
from tests.api import small_version
from tests.api.serving import eventually, serving, settings

Replicas = tuple[httpx.Client, httpx.Client]
TYPO = "TECH1O18"


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    engine = connect(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def version(artifact_dir: Path) -> str:
    """It was trained before the database had any row."""
    return small_version.publish_current(artifact_dir, last_id=0)


@pytest.fixture
def replicas(engine: Engine, version: str, tmp_path: Path) -> Iterator[Replicas]:
    url = engine.url.render_as_string(hide_password=False)
    chosen = settings(tmp_path, database_url=url, new_item_share=0.5)
    with serving(chosen) as first, serving(chosen) as second:
        yield first, second


def view(api: httpx.Client, user_id: str, item_id: str = TYPO) -> None:
    row = {"event_id": f"{user_id} {item_id}", "user_id": user_id, "item_id": item_id}
    body = {"interactions": [row | {"event_type": "view"}]}
    assert api.post("/interactions", json=body).raise_for_status().json()["rejected"] == []


def describe(api: httpx.Client, **fields: object) -> None:
    api.post("/items", json={"items": [{"item_id": TYPO, **fields}]}).raise_for_status()


def answer_of(api: httpx.Client, path: str, **body: object) -> Any:
    return api.post(path, json={"top_n": 50, **body}).raise_for_status().json()


def ids(listed: Any) -> set[str]:
    return {item["item_id"] for item in listed}


def lists(api: httpx.Client) -> dict[str, set[str]]:
    """The items of every kind of list: of whom the version knows, of a stranger, …"""
    recommend, items = "/recommend", "recommendations"
    [batch] = answer_of(api, "/recommend/batch", user_ids=["U10002"])["results"]
    session = answer_of(api, "/recommend/session", item_ids=["TECH1005"])
    similar = api.get("/items/TECH1005/similar?top_n=50").raise_for_status().json()["similar"]
    return {
        "personal": ids(answer_of(api, recommend, user_id="U10001")[items]),
        "popular": ids(answer_of(api, recommend, user_id="nobody")[items]),
        "by rating": ids(answer_of(api, recommend, user_id="U10001", rank_by="rating")[items]),
        "batch": ids(batch[items]),
        "session": ids(session[items]),
        "similar": ids(similar),
    }


def where_shown(api: httpx.Client) -> set[str]:
    return {name for name, items in lists(api).items() if TYPO in items}


EVERYWHERE = {"personal", "popular", "by rating", "batch", "session", "similar"}


def why_not(api: httpx.Client) -> Any:
    return api.get(f"/users/U10001/why-not/{TYPO}?top_n=50").raise_for_status().json()


def test_a_mistyped_id_is_in_no_list_until_a_second_person_uses_it(replicas: Replicas) -> None:
    api, other = replicas
    view(api, "visitor-1")
    for replica in replicas:
        assert where_shown(replica) == set()
    eventually(lambda: "1 of 2 people" in why_not(other)["explanation"])
    assert why_not(other) | {"model_version": ""} == {
        "user_id": "U10001",
        "item_id": TYPO,
        "is_listed": False,
        "stage": "described",
        "rank": None,
        "score": None,
        "explanation": "Nobody has described it, and 1 of 2 people used it "
        "(UNDESCRIBED_ITEM_USERS).",
        "model_version": "",
    }
    view(other, "visitor-2")
    for replica in replicas:
        eventually(lambda api=replica: where_shown(api) == EVERYWHERE)  # type: ignore[misc]
    assert api.get("/users/visitor-1").json()["num_interactions"] == 1


def test_it_is_history_all_the_same(replicas: Replicas) -> None:
    api, _other = replicas
    view(api, "visitor-1")
    assert api.get("/users/visitor-1").json()["history"]["num_items"] == 1
    similar = api.get(f"/items/{TYPO}/similar").raise_for_status().json()["similar"]
    assert similar
    assert TYPO not in ids(similar)


@pytest.mark.parametrize(
    "fields", [{"title": "A title"}, {"categories": ["TECH"]}, {"attributes": {"price": 3}}]
)
def test_a_description_of_any_kind_is_enough_at_once(
    replicas: Replicas, fields: dict[str, object]
) -> None:
    api, other = replicas
    view(api, "visitor-1")
    describe(api, **fields)
    assert where_shown(other) == EVERYWHERE


def test_who_names_it_gets_it(replicas: Replicas) -> None:
    api, _other = replicas
    view(api, "visitor-1")
    named = answer_of(api, "/recommend", user_id="U10001", only_items=[TYPO, "TECH1005"])
    assert ids(named["recommendations"]) == {TYPO, "TECH1005"}


def test_a_removed_event_and_a_merged_visitor_are_people_no_more(replicas: Replicas) -> None:
    api, other = replicas
    for visitor in ("visitor-1", "visitor-2", "visitor-3"):
        view(api, visitor)
    eventually(lambda: where_shown(other) == EVERYWHERE)
    other.delete(f"/interactions/visitor-1%20{TYPO}").raise_for_status()
    body = {"from": "visitor-2", "into": "visitor-3"}
    other.post("/users/merge", json=body).raise_for_status()
    for replica in replicas:
        eventually(lambda api=replica: where_shown(api) == set())  # type: ignore[misc]


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("needed", [0, 1])
def test_nothing_is_held_back_where_one_person_is_enough(
    engine: Engine, tmp_path: Path, needed: int
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    chosen = settings(tmp_path, database_url=url, undescribed_item_users=needed, new_item_share=1)
    with serving(chosen) as api:
        view(api, "visitor-1")
        assert where_shown(api) == EVERYWHERE


@pytest.mark.usefixtures("version")
def test_a_pinned_item_is_shown(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    rules = f'{{"pinned": [{{"item_id": "{TYPO}", "rank": 1}}]}}'
    with serving(settings(tmp_path, database_url=url, rules=rules)) as api:
        view(api, "visitor-1")
        [first] = answer_of(api, "/recommend", user_id="U10001", top_n=1)["recommendations"]
        assert (first["item_id"], first["source"]) == (TYPO, "pinned")


def test_without_a_training_it_waits_too(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with serving(settings(tmp_path, database_url=url, artifact_dir=tmp_path / "none")) as api:
        for user_id in ("U1", "U2"):
            view(api, user_id, "TECH1001")
        view(api, "U1")
        listed: list[set[str]] = []

        def shows_what_two_used() -> bool:
            answer = answer_of(api, "/recommend", user_id="nobody")
            listed.append(ids(answer["recommendations"]))
            return listed[-1] == {"TECH1001"}

        eventually(shows_what_two_used)
        assert not any(TYPO in items for items in listed)


def page(api: httpx.Client, **query: object) -> Any:
    answer = api.get("/items", params={"undescribed": "true", **query})  # type: ignore[dict-item]
    return answer.raise_for_status().json()


def test_items_that_nobody_described_are_listed_with_who_used_them(replicas: Replicas) -> None:
    api, other = replicas
    assert page(api)["items"] == []
    view(api, "visitor-1")
    view(api, "visitor-1", "zzz")
    view(api, "visitor-2", "zzz")
    eventually(lambda: not page(other)["items"][-1]["is_held_back"])
    answer = page(other)
    assert answer["total_count"] == 2
    assert answer["next_cursor"] is None
    typo, used = answer["items"]
    assert typo["first_at"] == typo["last_at"] is not None
    counts = ("item_id", "num_interactions", "num_users", "is_held_back")
    assert [[item[name] for name in counts] for item in (typo, used)] == [
        [TYPO, 1, 1, True],
        ["zzz", 2, 2, False],
    ]
    first = page(other, limit=1)
    assert [item["item_id"] for item in first["items"]] == [TYPO]
    assert page(other, limit=1, cursor=first["next_cursor"])["items"] == [used]
    describe(api, title="A title")
    assert [item["item_id"] for item in page(other)["items"]] == ["zzz"]


@pytest.mark.parametrize(
    "query", ["undescribed=yes", "undescribed=false", "undescribed=true&limit=0"]
)
def test_what_is_no_page(standing_api: httpx.Client, query: str) -> None:
    assert standing_api.get(f"/items?{query}").status_code == 422
