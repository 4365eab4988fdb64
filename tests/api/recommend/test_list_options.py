"""What lists can be asked for, over HTTP."""

from typing import Any

import httpx
import pytest

from tests.api.serving import Serve
from tests.api.small_version import FASHION_ITEMS, TECH_ITEMS

OWN = [f"TECH{number}" for number in range(1019, 1003, -1)]  # what U10001 likes, best first


def ask(api: httpx.Client, path: str = "/recommend", **body: Any) -> Any:
    answer = api.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(listed: Any) -> list[str]:
    return [item["item_id"] for item in listed["recommendations"]]


def test_categories(standing_api: httpx.Client) -> None:
    listed = items(ask(standing_api, user_id="U10001", categories=["FASH"], top_n=5))
    assert listed == [f"FASH{number}" for number in range(1020, 1015, -1)]
    assert items(ask(standing_api, user_id="U10001", categories=["none"])) == []


def test_excluded_items_make_room_for_others(standing_api: httpx.Client) -> None:
    listed = items(ask(standing_api, user_id="U10001", exclude_items=OWN[:3], top_n=3))
    assert listed == OWN[3:6]


def test_only_items_are_ranked(standing_api: httpx.Client) -> None:
    item_ids = ["FASH1001", "TECH1010", "no such item", "TECH1001", "TECH1020"]
    unseen = ask(standing_api, user_id="U10001", only_items=item_ids)
    assert items(unseen) == ["TECH1010", "FASH1001"]
    assert unseen["total_count"] == 2
    everything = ask(standing_api, user_id="U10001", only_items=item_ids, exclude_rated=False)
    assert items(everything) == ["TECH1010", "TECH1001", "FASH1001"]


def test_diversity_brings_the_other_kind(standing_api: httpx.Client) -> None:
    assert items(ask(standing_api, user_id="U10001", top_n=2)) == OWN[:2]
    mixed = items(ask(standing_api, user_id="U10001", top_n=2, diversity=0.9))
    assert mixed[0] == OWN[0]
    assert mixed[1] in FASHION_ITEMS


def test_exploration_differs_from_user_to_user_and_stays_for_one(
    standing_api: httpx.Client,
) -> None:
    def explored(user_id: str) -> list[str]:
        return items(ask(standing_api, user_id=user_id, exploration=1, top_n=16))

    fans = ("U10001", "U1", "张伟")
    assert len({tuple(explored(user_id)) for user_id in fans}) == 3
    assert explored("U10001") == explored("U10001")
    assert len({tuple(items(ask(standing_api, user_id=u, top_n=16))) for u in fans}) == 1


@pytest.mark.usefixtures("version")
def test_configured_rules(serve: Serve) -> None:
    rules = (
        '{"pinned": [{"item_id": "FASH1001", "rank": 2}, {"item_id": "TECH1001", "rank": 1}],'
        ' "boosted": [{"item_id": "TECH1004", "by": 10}]}'
    )
    with serve(rules=rules) as api:
        listed = ask(api, user_id="U10001", top_n=3)
        assert items(listed) == ["TECH1004", "FASH1001", OWN[0]]  # TECH1001 was seen
        sources = [item["source"] for item in listed["recommendations"]]
        assert sources == ["personal", "pinned", "personal"]
        with_seen = ask(api, user_id="U10001", top_n=3, exclude_rated=False, categories=["TECH"])
        assert items(with_seen)[0] == "TECH1001"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"diversity": 1.1}, "diversity"),
        ({"diversity": "0.5"}, "diversity"),
        ({"exploration": -0.1}, "exploration"),
        ({"categories": []}, "categories"),
        ({"only_items": []}, "only_items"),
        ({"only_items": ["a"] * 1001}, "only_items"),
        ({"exclude_items": ["x" * 65]}, "exclude_items.0"),
        ({"cursor": ""}, "cursor"),
        ({"explain": 1}, "explain"),
    ],
)
def test_a_wrong_option_is_named(
    standing_api: httpx.Client, wrong: dict[str, Any], field: str
) -> None:
    answer = standing_api.post("/recommend", json={"user_id": "U10001", **wrong})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_explained_lists(standing_api: httpx.Client) -> None:
    listed = ask(standing_api, user_id="U10001", explain=True, top_n=3)["recommendations"]
    for item in listed:
        assert item["reason"]["sentence"].startswith("Because you chose Title of TECH10")
        assert {because["item_id"] for because in item["reason"]["because"]} == set(TECH_ITEMS[:3])
        assert item["reason"]["approximate"] is False
    stranger = ask(standing_api, user_id="nobody", explain=True)["recommendations"][0]
    assert stranger["reason"] == {
        "sentence": "Popular right now.",
        "because": [],
        "approximate": False,
    }
    plain = ask(standing_api, user_id="U10001")["recommendations"]
    assert {item["reason"] for item in plain} == {None}


def test_a_session_needs_no_user(standing_api: httpx.Client) -> None:
    listed = ask(standing_api, "/recommend/session", item_ids=["TECH1001"], rank_by="relevance")
    assert listed["user_id"] is None
    assert "TECH1001" not in items(listed)
    again = ask(standing_api, "/recommend/session", item_ids=["TECH1001"])
    assert again == listed
    nothing = ask(standing_api, "/recommend/session", item_ids=["unheard of"])
    assert {item["source"] for item in nothing["recommendations"]} == {"popular"}
    assert standing_api.post("/recommend/session", json={"item_ids": []}).status_code == 422


def test_many_users_get_the_lists_that_each_would_get(standing_api: httpx.Client) -> None:
    users = ["U10001", "nobody", "U10002", "u1 ", "U10001"]
    options: dict[str, Any] = {"top_n": 4, "explain": True, "exploration": 0.5}
    many = ask(standing_api, "/recommend/batch", user_ids=users, **options)
    assert [result["user_id"] for result in many["results"]] == users
    for result in many["results"]:
        alone = ask(standing_api, user_id=result["user_id"], **options)
        assert result == alone | {"next_cursor": None}


@pytest.mark.parametrize("user_ids", [[], ["u"] * 1001, ["x" * 65], ["a", ""]])
def test_a_wrong_batch(standing_api: httpx.Client, user_ids: list[str]) -> None:
    answer = standing_api.post("/recommend/batch", json={"user_ids": user_ids})
    assert answer.status_code == 422
