"""Pages of stated origins may ask and read the answers, errors too; no others."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy.engine import Engine

from services.api.access.kinds import Kind, opened_by
from services.api.http.strict_route import StrictRoute
from services.api.main import create_app
from tests.api.keys import READ, SHOP, WRITE, with_key
from tests.api.serving import Serve, serving_app, settings

OTHER, THIEF = "https://admin.shop.example", "https://thief.example"
KEYS = {"read_api_key": f"{READ}@{SHOP}", "api_key": WRITE}
BODY = {"user_id": "U10001"}


@pytest.fixture
def pages(serve: Serve, version: str) -> Iterator[httpx.Client]:
    with serve(**KEYS, cors_origins=OTHER, read_rate=2, wrong_key_rate=1) as api:
        yield api


def preflight(
    api: httpx.Client, origin: str, headers: str = "content-type,x-api-key,x-user-signature"
) -> httpx.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}
    return api.options("/recommend", headers={"Origin": origin, **asked})


@pytest.mark.parametrize("origin", [SHOP, OTHER])
def test_a_preflight_needs_no_key(pages: httpx.Client, origin: str) -> None:
    answer = preflight(pages, origin)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "x-user-signature" in answer.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("origin", [THIEF, "null", f"{SHOP}.thief.example", f"{SHOP}:8443"])
def test_other_pages_may_neither_ask_nor_read(pages: httpx.Client, origin: str) -> None:
    assert preflight(pages, origin).status_code == 400
    asked = {**with_key(WRITE), "Origin": origin}
    for answer in (
        preflight(pages, origin),
        pages.post("/recommend", json=BODY, headers=asked),
        pages.get("/health/live", headers={"Origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers


def test_a_page_may_ask_for_nothing_beyond(pages: httpx.Client) -> None:
    assert preflight(pages, SHOP, "authorization").status_code == 400
    delete = {"Origin": SHOP, "Access-Control-Request-Method": "DELETE"}
    assert pages.options("/users/U1", headers=delete).status_code == 400


def test_errors_can_be_read_by_the_page(pages: httpx.Client) -> None:
    def ask(key: str | None, body: object = BODY, path: str = "/recommend") -> httpx.Response:
        return pages.post(path, json=body, headers={**with_key(key), "Origin": SHOP})

    answers = {
        401: [ask(None), ask("wrong")],
        403: [ask(READ, {"user_ids": ["U1"]}, "/recommend/batch")],
        422: [ask(WRITE, {})],
        404: [ask(WRITE, {}, "/nothing")],
        200: [ask(WRITE), ask(READ)],
        429: [ask(READ), ask("wrong")],
    }
    for status, found in answers.items():
        for answer in found:
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == SHOP
            assert "Origin" in answer.headers["vary"]
            exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
            assert {"retry-after", "ratelimit", "ratelimit-policy"} <= set(exposed)


def test_what_is_not_ready_can_be_read_by_the_page(serve: Serve) -> None:
    with serve(**KEYS) as api:
        answer = api.post("/recommend", json=BODY, headers={**with_key(READ), "Origin": SHOP})
    assert answer.status_code == 503
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["retry-after"]


def test_a_defect_can_be_read_by_the_page(tmp_path: Path, engine: Engine) -> None:
    router = APIRouter(route_class=StrictRoute)

    @router.get("/defect")
    @opened_by(Kind.READ)
    async def defect() -> None:
        raise ZeroDivisionError

    app = create_app(settings(tmp_path, **KEYS))
    app.include_router(router)
    with serving_app(app) as api:
        answer = api.get("/defect", headers={**with_key(READ), "Origin": SHOP})
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("internal-error")
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("version")
def test_no_page_is_allowed_by_default(serve: Serve) -> None:
    with serve() as api:
        assert "access-control-allow-origin" not in preflight(api, SHOP).headers
        answer = api.post("/recommend", json=BODY, headers={"Origin": SHOP})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
