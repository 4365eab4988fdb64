"""`fields` of every kind of list, over HTTP: what is shown of its items."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.shop import attributes_of, categories_of, send
from tests.api.test_problems import problem

BODY = {"rank", "item_id", "predicted_rating", "score", "source", "reason"}
SIMILAR = {"rank", "item_id", "similarity"}
POPULAR = {"rank", "item_id", "score"}
LATEST = {"rank", "item_id", "created_at"}

Ask = Callable[[httpx.Client, list[str] | None], httpx.Response]


def in_body(path: str, **who: Any) -> Ask:
    def ask(api: httpx.Client, fields: list[str] | None) -> httpx.Response:
        shown = {} if fields is None else {"fields": fields}
        return api.post(path, json={"top_n": 20, **who, **shown})

    return ask


def in_url(path: str) -> Ask:
    def ask(api: httpx.Client, fields: list[str] | None) -> httpx.Response:
        shown = {} if fields is None else {"fields": ",".join(fields)}
        return api.get(path, params={"top_n": "20", **shown})

    return ask


recommend = in_body("/recommend", user_id="U10001")
every_list = pytest.mark.parametrize(
    ("ask", "own"),
    [
        pytest.param(recommend, BODY, id="recommend"),
        pytest.param(in_body("/recommend/batch", user_ids=["U10001"]), BODY, id="batch"),
        pytest.param(in_body("/recommend/session", item_ids=["TECH1003"]), BODY, id="session"),
        pytest.param(in_url("/items/TECH1003/similar"), SIMILAR, id="similar"),
        pytest.param(in_url("/popular"), POPULAR, id="popular"),
        pytest.param(in_url("/latest"), LATEST, id="latest"),
    ],
)


def listed(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    body = body["results"][0] if "results" in body else body
    [items] = (body[name] for name in ("recommendations", "similar", "items") if name in body)
    assert [item["rank"] for item in items] == [*range(1, 21)]
    return list(items)


@every_list
def test_title_and_categories_where_nothing_is_asked(
    standing_shop: httpx.Client, ask: Ask, own: set[str]
) -> None:
    for item in listed(ask(standing_shop, None)):
        assert item.keys() == own | {"title", "categories"}
        assert item["title"] == f"Title of {item['item_id']}"
        assert item["categories"] == categories_of(item["item_id"])


@every_list
def test_attributes_by_their_names(standing_shop: httpx.Client, ask: Ask, own: set[str]) -> None:
    names = ["price", "in_stock", "released", "tags", "no such"]
    for item in listed(ask(standing_shop, names)):
        declared = attributes_of(item["item_id"])
        assert item.keys() == own | {*names}
        assert {name: item[name] for name in names} == {n: declared.get(n) for n in names}
        assert item["no such"] is None
        assert type(item["in_stock"]) is bool


@every_list
def test_title_and_categories_among_others(
    standing_shop: httpx.Client, ask: Ask, own: set[str]
) -> None:
    for names in (["title"], ["categories"], ["categories", "price", "title", "price"]):
        for item in listed(ask(standing_shop, names)):
            assert item.keys() == own | {*names}
            assert item.get("title", f"Title of {item['item_id']}").startswith("Title of")


@every_list
def test_none_at_all(standing_shop: httpx.Client, ask: Ask, own: set[str]) -> None:
    assert all(item.keys() == own for item in listed(ask(standing_shop, [])))


@every_list
def test_what_the_list_says_itself_stays(shop: httpx.Client, ask: Ask, own: set[str]) -> None:
    """Whatever an item declares under such a name, and whether it was asked for."""
    before = listed(ask(shop, ["language"]))
    lies = dict.fromkeys(own, "a lie")
    for item in before:
        send(
            shop,
            {"item_id": item["item_id"], "attributes": lies | {"language": item["language"]}},
        )
    assert listed(ask(shop, ["language", *own])) == before


def test_spaces_in_a_url_are_no_part_of_a_name(standing_shop: httpx.Client) -> None:
    answer = standing_shop.get("/popular", params={"fields": " price , ,title", "top_n": 1})
    [item] = answer.json()["items"]
    assert item.keys() == POPULAR | {"price", "title"}


def test_the_cache_keeps_fields_apart(standing_shop: httpx.Client) -> None:
    asked = [None, ["price"], ["title"], [], ["price", "title"], None, ["price"]]
    first = [recommend(standing_shop, fields).content for fields in asked]
    assert [recommend(standing_shop, fields).content for fields in asked] == first
    assert len({*first}) == 5
    for fields, answer in zip(asked, first, strict=True):
        assert (b'"price"' in answer) is (fields is not None and "price" in fields)
        assert (b'"title"' in answer) is (fields is None or "title" in fields)


def test_a_new_value_is_shown_at_once(shop: httpx.Client) -> None:
    assert listed(recommend(shop, ["price"]))[0]["price"] == 19.5
    send(shop, {"item_id": "TECH1019", "attributes": {"price": {"EUR": 12, "was": [20, None]}}})
    assert listed(recommend(shop, ["price"]))[0]["price"] == {"EUR": 12, "was": [20, None]}


@pytest.mark.parametrize("fields", ["title", [""], ["x" * 201], [7], [f"n{n}" for n in range(51)]])
def test_what_are_no_names(standing_shop: httpx.Client, fields: Any) -> None:
    body = {"user_id": "U10001", "fields": fields}
    detail = problem(standing_shop.post("/recommend", json=body), 422)["detail"]
    assert detail.startswith("fields")
