"""Who may ask for what: each kind of key on every route, none, and wrong ones."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from services.api.access.kinds import Kind, kind_of
from services.api.http.docs import DocsFiles
from services.api.http.strict_route import StrictRoute
from services.api.main import create_app
from tests.api.keys import ADMIN, KEYS, READ, SHOP, WRITE, with_key
from tests.api.serving import Serve, settings
from tests.api.test_problems import problem

BODIES = {
    "/recommend": {"user_id": "U10001"},
    "/recommend/batch": {"user_ids": ["U10001"]},
    "/recommend/session": {"item_ids": ["TECH1005"]},
    "/predict": {"user_id": "U10001", "item_ids": ["TECH1005"]},
    "/interactions": {
        "interactions": [{"user_id": "U1", "item_id": "TECH1005", "event_type": "view"}]
    },
    "/users": {"users": [{"user_id": "U1"}]},
    "/items": {"items": [{"item_id": "TECH1005"}]},
}
LISTS = [
    ("POST", "/recommend"),
    ("POST", "/recommend/session"),
    ("GET", "/items/TECH1005/similar"),
    ("GET", "/popular"),
    ("GET", "/latest"),
]

pytestmark = pytest.mark.usefixtures("version")


def ask(api: httpx.Client, method: str, path: str, key: str | None, **headers: str) -> int:
    body = BODIES.get(path) if method == "POST" else None
    sent = with_key(key) | headers
    return api.request(method, path, json=body, headers=sent).status_code


@pytest.fixture
def guarded(serve: Serve) -> Iterator[httpx.Client]:
    with serve(**KEYS) as api:
        yield api


@pytest.fixture
def routes(tmp_path: Path) -> list[tuple[str, str, Kind]]:
    """Method and path of every route with the kind of key that it states, hidden ones too."""
    app = create_app(settings(tmp_path))
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount):
            assert isinstance(route.app, DocsFiles)
            found.append(("GET", f"{route.path}/swagger-ui.css", Kind.WRITE))
            continue
        assert isinstance(route, StrictRoute), f"{route} does not ask for keys"
        path = route.path.replace("{user_id:id}", "U10001").replace("{item_id:id}", "TECH1005")
        path = re.sub("{.*?}", "any", path)
        found += [(method, path, kind_of(route.endpoint)) for method in route.methods or ()]
    return found


def test_every_route_states_its_kind_and_holds_to_it(
    serve: Serve, routes: list[tuple[str, str, Kind]]
) -> None:
    assert len(routes) > 18
    assert {(method, path) for method, path, kind in routes if kind is Kind.NONE} == {
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
    }
    with serve(**KEYS) as api:
        # Those that erase come last: the others ask about the same user.
        for method, path, kind in sorted(routes, key=lambda route: route[0] == "DELETE"):
            for sent, key in {Kind.READ: READ, Kind.WRITE: WRITE, Kind.ADMIN: ADMIN}.items():
                status = ask(api, method, path, key)
                own_rows_alone = (path, sent) == ("/interactions", Kind.READ)
                is_refused = status in (401, 403)
                assert is_refused is (sent < kind or own_rows_alone), f"{method} {path}, {sent}"
            assert (ask(api, method, path, None) == 401) is (kind is not Kind.NONE)


def test_a_read_key_opens_lists_and_nothing_else(routes: list[tuple[str, str, Kind]]) -> None:
    opened = {(method, path) for method, path, kind in routes if kind is Kind.READ}
    assert opened == {*LISTS, ("POST", "/interactions")}


def test_a_route_without_a_kind_is_a_mistake_at_the_start() -> None:
    async def forgotten() -> None: ...

    with pytest.raises(TypeError, match="forgotten does not say which key opens it"):
        StrictRoute("/forgotten", forgotten)


@pytest.mark.parametrize(
    "path", ["/nothing", "/docs", "/openapi.json", "/docs-static/nothing", "/", "/users/U1/x"]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS", "DELETE"])
def test_what_there_is_not_asks_for_a_key_too(
    standing_guarded: httpx.Client, method: str, path: str
) -> None:
    for key in (None, "", "wrong", READ.upper(), f"{WRITE} "[:-2]):
        assert ask(standing_guarded, method, path, key) == 401


def test_without_keys_everything_is_open(serve: Serve) -> None:
    with serve() as api:
        for key in (None, "anything"):
            for method, path in (*LISTS, ("GET", "/users"), ("GET", "/users/U1/export")):
                assert ask(api, method, path, key) == 200


@pytest.mark.parametrize(
    ("keys", "given", "statuses"),
    [
        ({"api_key": WRITE}, WRITE, (200, 200, 403)),
        ({"api_key": WRITE}, None, (401, 401, 401)),
        ({"admin_api_key": ADMIN}, ADMIN, (200, 200, 200)),
        ({"read_api_key": READ}, READ, (200, 403, 403)),
        ({"api_key": "ключ из двадцати 🔑"}, "ключ из двадцати 🔑", (200, 200, 403)),
    ],
)
def test_what_no_key_is_set_for_is_closed(
    serve: Serve, keys: dict[str, str], given: str | None, statuses: tuple[int, int, int]
) -> None:
    headers = [] if given is None else [(b"X-API-Key", given.encode())]
    with serve(**keys) as api:
        found = (
            api.post("/recommend", json={"user_id": "U1"}, headers=headers).status_code,
            api.get("/users", headers=headers).status_code,
            api.get("/users/U1/export", headers=headers).status_code,
        )
    assert found == statuses


def test_two_keys_hold_while_one_is_changed_for_the_other(serve: Serve) -> None:
    digest = hashlib.sha256(WRITE.encode()).hexdigest()
    with serve(api_key=f"the key before this one, sha256:{digest.upper()}") as api:
        assert ask(api, "GET", "/users", "the key before this one") == 200
        assert ask(api, "GET", "/users", WRITE) == 200
        assert ask(api, "GET", "/users", digest) == 401
        assert ask(api, "GET", "/users", f"sha256:{digest}") == 401


def test_the_answer_says_what_is_needed_and_never_a_key(guarded: httpx.Client) -> None:
    missing = guarded.get("/users")
    wrong = guarded.get("/users", headers=with_key("guess"))
    weak = guarded.delete("/users/U1", headers=with_key(WRITE))
    assert "X-API-Key" in problem(missing, 401)["detail"]
    assert "none of those that are set" in problem(wrong, 401)["detail"]
    assert "is a API_KEY, and this needs one of ADMIN_API_KEY" in problem(weak, 403)["detail"]
    assert missing.headers["www-authenticate"]
    for answer in (missing, wrong, weak):
        assert not any(key in answer.text for key in (READ, WRITE, ADMIN, "guess"))


def test_the_key_comes_before_the_body(guarded: httpx.Client) -> None:
    problem(guarded.post("/interactions", json={"interactions": []}), 401)
    problem(guarded.post("/users", content=b"{", headers=with_key(READ)), 403)


@pytest.mark.parametrize("origin", [None, "https://thief.example", "null", f"{SHOP}.thief", ""])
def test_a_bound_key_is_refused_from_elsewhere(serve: Serve, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    with serve(read_api_key=f"{READ}@{SHOP}+https://m.shop.example", api_key=WRITE) as api:
        for method, path in LISTS:
            assert ask(api, method, path, READ, **headers) == 403
            assert ask(api, method, path, READ, Origin=SHOP) == 200
            assert ask(api, method, path, READ, Origin="https://m.shop.example") == 200
        refused = api.post("/recommend", json=BODIES["/recommend"], headers=with_key(READ))
    assert "no header Origin came" in problem(refused, 403)["detail"]


def test_docs_offer_to_authorize(standing_api: httpx.Client) -> None:
    document = standing_api.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert {(s["type"], s["in"], s["name"]) for s in schemes.values()} == {
        ("apiKey", "header", "X-API-Key"),
        ("apiKey", "header", "X-User-Signature"),
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            needs_key = path not in ("/health/live", "/health/ready")
            assert ("security" in operation) is needs_key
            assert ({"401", "403", "429"} <= operation["responses"].keys()) is needs_key
