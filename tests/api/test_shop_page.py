"""The example of a shop's page: its server's own code, and the requests that its script makes."""

import hmac
import re
import threading
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.keys import ADMIN, SIGNING_KEY, WRITE, with_key
from tests.api.serving import Serve

ROOT = Path(__file__).parents[2]
FOLDER, PAGE = ROOT / "examples" / "shop-page", ROOT / "docs" / "how-to" / "shop-page.md"
READ_KEY = "the key that stands in the page"


@pytest.fixture(scope="module")
def server() -> Any:
    """The module of the shop's server."""
    spec = spec_from_file_location("shop_page_server", FOLDER / "server.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop(server: Any) -> Iterator[Any]:
    """The shop, open; it does not know yet where the API is."""
    with server.Shop(0, "", READ_KEY, SIGNING_KEY) as shop:
        thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield shop
        shop.shutdown()
        thread.join()


@pytest.fixture
def api(serve: Serve, version: str, shop: Any) -> Iterator[httpx.Client]:
    """The API with the settings that the page on it shows."""
    keys = {"read_api_key": f"{READ_KEY}@{shop.origin}", "api_key": WRITE, "admin_api_key": ADMIN}
    with serve(**keys, user_signing_key=SIGNING_KEY) as api:
        shop.api_url = str(api.base_url).rstrip("/")
        yield api


def browse(shop: Any, path: str) -> httpx.Response:
    return httpx.get(f"{shop.origin}{path}", verify=False).raise_for_status()


def test_the_page_shows_a_list_and_the_next_one_knows_the_click(
    api: httpx.Client, shop: Any
) -> None:
    session = browse(shop, "/session").json()
    assert session["api"] == str(api.base_url).rstrip("/")
    sent = {
        "Origin": shop.origin,
        "X-API-Key": session["key"],
        "X-User-Signature": session["signature"],
    }

    def ask(path: str, body: object) -> Any:
        asked = {
            "Origin": shop.origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-api-key,x-user-signature",
        }
        for answer in (
            api.options(path, headers=asked),
            api.post(path, json=body, headers=sent),
        ):
            assert answer.status_code == 200, answer.text
            assert answer.headers["access-control-allow-origin"] == shop.origin
        return answer.json()

    body = {"user_id": session["user_id"], "top_n": 5, "explain": True}
    listed = ask("/recommend", body)
    first = listed["recommendations"][0]
    assert first["reason"]["sentence"]
    click = {
        "user_id": session["user_id"],
        "item_id": first["item_id"],
        "event_type": "click",
        "occurred_at": "2025-03-01T12:30:15.123Z",
        "recommendation_id": listed["recommendation_id"],
    }
    for accepted in (1, 0):
        assert ask("/interactions", {"interactions": [click]})["accepted"] == accepted
    later = ask("/recommend", body)["recommendations"]
    assert first["item_id"] not in {item["item_id"] for item in later}


def test_the_script_makes_these_requests(shop: Any) -> None:
    assert 'src="/shop.js"' in browse(shop, "/").text
    script = browse(shop, "/shop.js").text
    for part in (
        '"/session"',
        'ask("/recommend"',
        'ask("/interactions"',
        '"X-API-Key": session.key',
        '"X-User-Signature": session.signature',
        "urn:sommelier:problem:wrong-signature",
    ):
        assert part in script
    assert "event_id" not in re.sub("//.*", "", script)
    assert "innerHTML" not in script


def test_the_page_opens_nothing_else(api: httpx.Client, shop: Any) -> None:
    session = browse(shop, "/session").json()
    sent = {**with_key(session["key"]), "Origin": shop.origin}
    assert api.get("/users", headers=sent).status_code == 403
    other = {"user_id": "U10002"}
    sent["X-User-Signature"] = session["signature"]
    assert api.post("/recommend", json=other, headers=sent).status_code == 401


def test_what_the_shop_does_not_have(shop: Any) -> None:
    assert httpx.get(f"{shop.origin}/../server.py", verify=False).status_code == 404


def test_the_documented_line_signs_as_the_server_does(server: Any) -> None:
    [line] = re.findall(r"(?m)^    (signature = f.*)$", PAGE.read_text())
    names: dict[str, Any] = {"hmac": hmac, "key": SIGNING_KEY, "expires": 99, "user_id": "é\n1"}
    exec(line, names)
    assert names["signature"] == server.sign(SIGNING_KEY, "é\n1", 99)
