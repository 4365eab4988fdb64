from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.api.recommend.ranking.stages import STAGES, candidates, cut
from services.api.recommend.why_not import DROPPED
from shared.database import storage, tables
from tests.api import small_version
from tests.api.interactions import NOW, record
from tests.api.serving import Serve
from tests.api.test_problems import problem


def ask(api: httpx.Client, user_id: str, item_id: str, **query: Any) -> Any:
    answer = api.get(f"/users/{user_id}/why-not/{item_id}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_item_of_the_list(standing_api: httpx.Client, version_of_standing: str) -> None:
    assert ask(standing_api, "U10001", "TECH1018") == {
        "user_id": "U10001",
        "item_id": "TECH1018",
        "is_listed": True,
        "stage": None,
        "rank": 2,
        "score": pytest.approx(6.78, abs=1e-5),
        "explanation": "It is in the list, at rank 2. Because you chose Title of TECH1003 and "
        "Title of TECH1002.",
        "model_version": version_of_standing,
    }


def test_an_item_below_the_cut(standing_api: httpx.Client) -> None:
    answer = ask(standing_api, "U10001", "TECH1008", top_n=5)
    assert (answer["is_listed"], answer["stage"], answer["rank"]) == (False, "cut", 12)
    assert answer["explanation"] == "It ranks 12 of 36; the list ends at 5."
    assert ask(standing_api, "U10001", "TECH1008", top_n=12)["is_listed"]


def test_what_is_not_offered(standing_api: httpx.Client) -> None:
    assert ask(standing_api, "U10001", "TECH1020")["stage"] == "active"


def test_what_was_seen(api: httpx.Client, engine: Engine) -> None:
    assert ask(api, "U10001", "TECH1001")["stage"] == "unseen"
    assert ask(api, "U10001", "TECH1001", exclude_rated=False, top_n=100)["is_listed"]
    record(engine, "U10001", "TECH1019")
    answer = ask(api, "U10001", "TECH1019")
    assert (answer["stage"], answer["rank"], answer["score"]) == ("unseen", None, None)


def test_what_the_request_leaves_out(standing_api: httpx.Client) -> None:
    answer = ask(standing_api, "U10001", "TECH1019", categories=["FASH", "other"])
    assert answer["stage"] == "matching"


def test_what_the_request_names(standing_api: httpx.Client) -> None:
    answer = ask(standing_api, "U10001", "TECH1019", exclude_items=["TECH1018", "TECH1019"])
    assert answer["stage"] == "not_excluded"
    answer = ask(standing_api, "U10001", "TECH1019", only_items=["TECH1018", "TECH1017"])
    assert answer["stage"] == "among_only_items"


def test_what_a_page_before_has_shown(standing_api: httpx.Client) -> None:
    first = standing_api.post("/recommend", json={"user_id": "U10001", "top_n": 2}).json()
    cursor = first["next_cursor"]
    assert ask(standing_api, "U10001", "TECH1019", cursor=cursor)["stage"] == "not_shown"
    assert ask(standing_api, "U10001", "TECH1017", cursor=cursor)["rank"] == 1
    lost = standing_api.get("/users/U10002/why-not/TECH1019", params={"cursor": cursor})
    assert lost.status_code == 410


def test_an_item_that_came_since(api: httpx.Client, engine: Engine) -> None:
    row = {"title": "New", "categories": [], "attributes": {}, "is_active": True, "created_at": NOW}
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.items, [{"item_id": "a/new one", **row}])
    assert ask(api, "a%2Fb", "a%2Fnew%20one")["is_listed"]
    with engine.begin() as connection:
        revision = storage.next_catalogue_revision(connection)
        connection.execute(sa.update(tables.items).values(is_active=False, revision=revision))
    assert ask(api, "a%2Fb", "a%2Fnew%20one")["stage"] == "active"


def test_a_stranger_and_an_item_nobody_knows(standing_api: httpx.Client) -> None:
    assert ask(standing_api, "nobody", "FASH1020")["rank"] == 1
    answer = standing_api.get("/users/U10001/why-not/tech1018")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:sommelier:problem:unknown-item"
    assert standing_api.get("/users/U10001/why-not/TECH1018?top_n=0").status_code == 422
    assert standing_api.get("/users/U10001/why-not/TECH1018?topn=1").status_code == 422


def test_without_a_rating_model_there_is_no_list_by_rating_to_be_missing_from(
    serve: Serve, artifact_dir: Path
) -> None:
    """An item that is dropped before anything is scored too."""
    small_version.publish_current(artifact_dir, with_ratings=False)
    with serve() as api:
        for item_id in ("TECH1020", "TECH1018"):
            answer = api.get(f"/users/U10001/why-not/{item_id}", params={"rank_by": "rating"})
            assert problem(answer, 409)["type"].endswith("no-rating-model")


def test_every_stage_that_drops_items_says_so() -> None:
    begin, end = STAGES.index(candidates), [s.__name__ for s in STAGES].index("score")
    assert set(STAGES[begin + 1 : end]) == set(DROPPED)
    assert STAGES[-1] is cut
