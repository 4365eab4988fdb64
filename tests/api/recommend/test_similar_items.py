from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from shared.database import storage, tables
from shared.database.blank_rows import blank_item
from tests.api import small_version
from tests.api.interactions import NOW
from tests.api.serving import Serve
from tests.api.small_version import FASHION_ITEMS, INACTIVE, TECH_ITEMS


def ask(api: httpx.Client, item_id: str, top_n: int = 50) -> Any:
    answer = api.get(f"/items/{item_id}/similar", params={"top_n": top_n})
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(answer: Any) -> list[str]:
    return [item["item_id"] for item in answer["similar"]]


def test_its_own_kind_comes_first(standing_api: httpx.Client) -> None:
    answer = ask(standing_api, "TECH1005")
    kind = set(TECH_ITEMS) - {"TECH1005", INACTIVE}
    assert set(items(answer)[:18]) == kind
    assert set(items(answer)[18:]) == set(FASHION_ITEMS)
    assert (answer["source"], answer["similar"][0]["similarity"]) == ("model", 1)
    assert answer["similar"][18]["similarity"] == 0
    assert [item["rank"] for item in answer["similar"]] == list(range(1, 39))
    assert len(items(ask(standing_api, "TECH1005", 3))) == 3


def test_also_of_what_is_not_offered(standing_api: httpx.Client) -> None:
    assert items(ask(standing_api, INACTIVE, 1))[0] in TECH_ITEMS


def test_a_ranker_that_knows_no_likeness_goes_by_category(serve: Serve, artifact_dir: Any) -> None:
    small_version.publish_current(artifact_dir, ranker="popularity")
    with serve() as api:
        answer = ask(api, "FASH1020")
    assert answer["source"] == "category"
    assert items(answer) == [f"FASH{number}" for number in range(1019, 1000, -1)]


def test_an_item_that_came_since(api: httpx.Client, engine: Engine) -> None:
    row = {**blank_item("a/new", NOW), "categories": ["TECH"]}
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.items, [row])
    assert "a/new" in items(ask(api, "TECH1001"))
    assert len(items(ask(api, "a%2Fnew"))) == 39


@pytest.mark.parametrize("item_id", ["tech1005", "nothing", "TECH1005%20"])
def test_an_item_nobody_knows(standing_api: httpx.Client, item_id: str) -> None:
    answer = standing_api.get(f"/items/{item_id}/similar")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:sommelier:problem:unknown-item"


def test_how_many_is_bounded(standing_api: httpx.Client) -> None:
    assert standing_api.get("/items/TECH1005/similar?top_n=101").status_code == 422
