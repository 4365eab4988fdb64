"""Pages over HTTP: the same cursor on every replica, no item twice, and lost ones said to be."""

from typing import Any

import httpx
import pytest
from sqlalchemy.engine import Engine

from services.api.recommend.pages import Page
from tests.api.interactions import record
from tests.api.serving import Serve
from tests.api.small_version import FASHION_ITEMS, INACTIVE, TECH_ITEMS


def ask(api: httpx.Client, **body: Any) -> Any:
    answer = api.post("/recommend", json={"user_id": "U10001", "top_n": 7, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(page: Any) -> list[str]:
    return [item["item_id"] for item in page["recommendations"]]


def test_pages_show_everything_once(standing_api: httpx.Client) -> None:
    page = ask(standing_api)
    shown = items(page)
    while page["next_cursor"] is not None:
        page = ask(standing_api, cursor=page["next_cursor"])
        shown += items(page)
    assert sorted(shown) == sorted({*TECH_ITEMS[3:], *FASHION_ITEMS} - {INACTIVE})
    assert shown == items(ask(standing_api, top_n=100))


def test_pages_may_be_of_another_length_and_kind(standing_api: httpx.Client) -> None:
    first = ask(standing_api, top_n=2)
    second = ask(standing_api, top_n=3, cursor=first["next_cursor"], diversity=0.8)
    third = ask(standing_api, cursor=second["next_cursor"], categories=["TECH"])
    shown = items(first) + items(second) + items(third)
    assert len(set(shown)) == len(shown) == 12


def test_an_event_between_pages_repeats_nothing(api: httpx.Client, engine: Engine) -> None:
    first = ask(api)
    record(engine, "U10001", "FASH1020")
    second = ask(api, cursor=first["next_cursor"])
    assert not set(items(first)) & set(items(second))
    assert "FASH1020" not in items(second)


@pytest.mark.parametrize("cursor", ["unheard of", "*", "20250102T030405Z-0a1b2c.8c1f0e6a2b7d4935"])
def test_a_cursor_that_nobody_gave(standing_api: httpx.Client, cursor: str) -> None:
    answer = standing_api.post("/recommend", json={"user_id": "U10001", "cursor": cursor})
    assert answer.status_code == 410
    assert answer.json()["type"] == "urn:sommelier:problem:cursor-lost"
    assert cursor in answer.json()["detail"]


def test_a_cursor_of_somebody_else(standing_api: httpx.Client) -> None:
    cursor = ask(standing_api)["next_cursor"]
    answer = standing_api.post("/recommend", json={"user_id": "U10002", "cursor": cursor})
    assert answer.status_code == 410


@pytest.mark.containers
@pytest.mark.usefixtures("version")
def test_replicas_share_pages(serve: Serve, redis_url: str) -> None:
    with serve(redis_url=redis_url) as first_api, serve(redis_url=redis_url) as second_api:
        first = ask(first_api)
        second = ask(second_api, cursor=first["next_cursor"])
        assert not set(items(first)) & set(items(second))
        assert ask(first_api, cursor=first["next_cursor"]) == second


@pytest.mark.parametrize("user_id", ["U1", "line\nend\n", "🍷", "\udc80"])
def test_a_page_is_kept_whole(user_id: str) -> None:
    page = Page(user_id, ["a", "b\n"], b'{"answer":\n1}')
    assert Page.from_bytes(page.to_bytes()) == page
