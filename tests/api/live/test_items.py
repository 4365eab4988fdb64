"""Items one by one and in pages, taken out of lists and brought back, and their categories."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from tests.api import small_version
from tests.api.interactions import record
from tests.api.serving import Serve
from tests.api.shop import GIFT, attributes_of, categories_of, described, send
from tests.api.small_version import FASHION_ITEMS, INACTIVE, SEEN, TECH_FANS, TECH_ITEMS
from tests.api.test_problems import problem
from tests.api.wire import closed_port

ITEMS = sorted(TECH_ITEMS + FASHION_ITEMS)


def page(api: httpx.Client, **query: Any) -> Any:
    answer = api.get("/items", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: Any) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def recommended(api: httpx.Client, **options: Any) -> list[str]:
    body = {"user_id": "U10001", "top_n": 100, **options}
    listed = api.post("/recommend", json=body).raise_for_status().json()["recommendations"]
    return [item["item_id"] for item in listed]


def similar_to(api: httpx.Client, item_id: str) -> Any:
    return api.get(f"/items/{item_id}/similar?top_n=100").raise_for_status().json()


def test_pages_in_the_order_of_ids(standing_api: httpx.Client, version_of_standing: str) -> None:
    found, cursor, sizes = [], "", []
    while True:
        answer = page(standing_api, limit=15, cursor=cursor)
        assert (answer["total_count"], answer["model_version"]) == (40, version_of_standing)
        found += ids(answer)
        sizes.append(len(answer["items"]))
        if answer["next_cursor"] is None:
            break
        cursor = answer["next_cursor"]
    assert found == ITEMS
    assert sizes == [15, 15, 10]


def test_the_last_page_that_is_full_leads_nowhere(standing_api: httpx.Client) -> None:
    assert page(standing_api, limit=40)["next_cursor"] is None
    assert page(standing_api, limit=39)["next_cursor"] == ITEMS[38]
    assert page(standing_api)["next_cursor"] is None


def test_pages_begin_after_any_id(standing_api: httpx.Client) -> None:
    assert ids(page(standing_api, limit=2, cursor="G")) == ["TECH1001", "TECH1002"]
    assert ids(page(standing_api, cursor="TECH1020")) == []
    assert page(standing_api, cursor="TECH1020")["total_count"] == 40


def test_what_came_since_stands_where_its_bytes_belong(api: httpx.Client) -> None:
    """In UTF-8 the last is beyond U+FF61, in UTF-16 it is not."""
    since = ["GAME", "🍷", "｡", "Z", "A/b", "TECH1001 "]
    send(api, *({"item_id": item_id, "title": "New"} for item_id in since))
    expected = sorted(ITEMS + since, key=str.encode)
    assert ids(page(api)) == expected
    walked = [ids(page(api, limit=1, cursor=item)) for item in ["", *expected]]
    assert walked == [[item] for item in expected] + [[]]
    assert page(api)["total_count"] == len(expected)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=" + "x" * 65])
def test_pages_that_cannot_be_asked_for(standing_api: httpx.Client, query: str) -> None:
    detail = problem(standing_api.get(f"/items?{query}"), 422)["detail"]
    assert detail.startswith(query.split("=")[0])


def test_an_item_as_it_was_described(standing_shop: httpx.Client) -> None:
    item = standing_shop.get("/items/TECH1005").raise_for_status().json()
    assert item.pop("created_at").endswith("Z")
    assert item.pop("model_version")
    assert item == {
        "item_id": "TECH1005",
        "title": "Title of TECH1005",
        "categories": ["TECH", GIFT],
        "attributes": attributes_of("TECH1005"),
        "is_active": True,
        "known_to_model": True,
        "num_interactions": None,  # the version was published before they were kept
        "num_users": 0,
    }
    [listed] = page(standing_shop, limit=1, cursor="TECH1004")["items"]
    assert listed.keys() == item.keys() - {"known_to_model", "num_interactions", "num_users"} | {
        "created_at"
    }
    assert all(item[name] == listed[name] for name in listed.keys() & item.keys())


def test_what_the_model_knows_of_an_item(standing_api: httpx.Client) -> None:
    item = standing_api.get(f"/items/{INACTIVE}").json()
    assert (item["is_active"], item["created_at"], item["num_users"]) == (False, None, 0)
    assert standing_api.get(f"/items/{TECH_ITEMS[SEEN - 1]}").json()["num_users"] == len(TECH_FANS)


def test_an_item_that_came_since(api: httpx.Client) -> None:
    send(api, {"item_id": "a/new one", "attributes": {"price": 3}})
    item = api.get("/items/a%2Fnew%20one").json()
    assert (item["item_id"], item["attributes"]) == ("a/new one", {"price": 3})
    assert (item["known_to_model"], item["num_interactions"], item["num_users"]) == (
        False,
        None,
        None,
    )


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("item_id", ["nothing", "tech1005", "TECH1005%20"])
def test_an_item_nobody_knows(standing_api: httpx.Client, method: str, item_id: str) -> None:
    answer = problem(standing_api.request(method, f"/items/{item_id}"), 404)
    assert answer["type"] == "urn:sommelier:problem:unknown-item"


def test_a_deleted_item_is_in_no_list_until_it_is_brought_back(shop: httpx.Client) -> None:
    before = shop.get("/items/TECH1019").json()
    assert recommended(shop)[0] == "TECH1019"
    answer = shop.request("DELETE", "/items/TECH1019").raise_for_status().json()
    assert (answer["item_id"], answer["is_active"]) == ("TECH1019", False)
    assert "POST /items with is_active: true brings it back" in answer["explanation"]

    assert "TECH1019" not in recommended(shop)
    for path, name in (
        ("/popular", "items"),
        ("/latest", "items"),
        ("/items/TECH1001/similar", "similar"),
    ):
        listed = shop.get(path, params={"top_n": 100}).json()[name]
        assert len(listed) > 30
        assert "TECH1019" not in [item["item_id"] for item in listed]
    why_not = shop.get("/users/U10001/why-not/TECH1019").json()
    assert why_not["explanation"] == "It is not offered: is_active is false."
    assert shop.get("/items/TECH1019").json() == before | {"is_active": False}
    assert "TECH1019" in ids(page(shop))

    send(shop, {"item_id": "TECH1019", "is_active": True})
    assert shop.get("/items/TECH1019").json() == before
    assert recommended(shop)[0] == "TECH1019"


def test_an_item_of_the_model_alone_can_be_deleted_too(api: httpx.Client, engine: Engine) -> None:
    """Twice as well; what it is called, and is in, stays."""
    record(engine, "U10001", "FASH1001")
    for _ in range(2):
        assert api.request("DELETE", "/items/TECH1019").status_code == 200
    assert recommended(api)[0] == "TECH1018"
    item = api.get("/items/TECH1019").json()
    assert (item["title"], item["categories"]) == ("Title of TECH1019", ["TECH"])
    send(api, {"item_id": "TECH1019", "is_active": True})
    assert recommended(api)[0] == "TECH1019"
    assert api.get("/items/TECH1019").json()["categories"] == ["TECH"]


@pytest.mark.usefixtures("version")
def test_without_the_database_items_are_known_and_stay(serve: Serve) -> None:
    with (
        closed_port() as port,
        serve(database_url=f"mysql+pymysql://u:p@127.0.0.1:{port}/s") as api,
    ):
        assert ids(page(api)) == ITEMS
        assert api.get("/items/TECH1019").json()["title"] == "Title of TECH1019"
        assert problem(api.request("DELETE", "/items/TECH1019"), 503)["title"] == "Database away"
        assert recommended(api)[0] == "TECH1019"


def test_the_attributes_of_a_version_are_shown_without_the_database(
    serve: Serve, artifact_dir: Path
) -> None:
    small_version.publish_current(artifact_dir, attributes_of=attributes_of)
    with (
        closed_port() as port,
        serve(database_url=f"mysql+pymysql://u:p@127.0.0.1:{port}/s") as api,
    ):
        assert api.get("/items/TECH1019").json()["attributes"] == attributes_of("TECH1019")
        assert len(recommended(api, filter={"attributes": {"price": {"max": 8}}})) == 11


def test_the_taste_of_a_user_counts_both_categories_of_an_item(
    shop: httpx.Client, engine: Engine
) -> None:
    record(engine, "newcomer", "TECH1005")
    taste = shop.get("/users/newcomer").json()["taste"]
    assert {entry["category"]: entry["share"] for entry in taste} == {"TECH": 1, GIFT: 1}
    [lift] = (entry["lift"] for entry in taste if entry["category"] == GIFT)
    assert lift == pytest.approx(420 / (2 * (5 + 10 + 15 + 20)), abs=1e-4)
    record(engine, "newcomer", "FASH1001")
    taste = shop.get("/users/newcomer").json()["taste"]
    assert {entry["category"]: entry["share"] for entry in taste} == {
        "TECH": 0.5,
        GIFT: 0.5,
        "FASH": 0.5,
    }


def test_items_that_share_any_category_are_similar(serve: Serve, artifact_dir: Path) -> None:
    """To a ranker that knows no likeness."""
    small_version.publish_current(artifact_dir, ranker="popularity")
    with serve() as api:
        send(api, *map(described, ITEMS))
        of_gift = similar_to(api, "TECH1005")
        assert of_gift["source"] == "category"
        assert {item["item_id"] for item in of_gift["similar"]} == {
            item
            for item in ITEMS
            if item not in ("TECH1005", INACTIVE)
            and set(categories_of(item)) & set(categories_of("TECH1005"))
        }
        assert [item["item_id"] for item in of_gift["similar"][:2]] == ["FASH1020", "TECH1019"]
        assert all(item["item_id"] in TECH_ITEMS for item in similar_to(api, "TECH1004")["similar"])


def test_new_categories_take_the_place_of_the_old_ones(shop: httpx.Client) -> None:
    send(shop, {"item_id": "TECH1015", "categories": ["FASH", "new"]})
    assert "TECH1015" not in recommended(shop, categories=["TECH", GIFT])
    assert recommended(shop, categories=["new"]) == ["TECH1015"]
    assert "TECH1015" in recommended(shop, categories=["FASH"])
    assert shop.get("/items/TECH1015").json()["categories"] == ["FASH", "new"]
