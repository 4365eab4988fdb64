"""Requests that are wrong, or at the edge of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any
from urllib.parse import quote

from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.request import (
    VERSION,
    WRITE_KEY,
    ApiRequest,
    Body,
    Plan,
    erase,
    get,
    post,
)
from benchmarks.checkouts.requests.writes import TOO_LONG

VALUES: Sequence[Any] = (
    *(None, True, 0, -1, 1, 1.5, 101, 10**30, float("nan")),
    *("", "ten", TOO_LONG, "x" * 201, "\ud800", "\0"),
    *([], [""], [TOO_LONG], [1], ["a", None], {}, {"a": 1}),
)

MOST_BYTES = 2**22  # of a body

NO_ROWS: Sequence[Any] = ([], None, {}, "rows")
NO_BODIES: Sequence[Any] = (None, {}, [], [{}], 7, True, "text")


def wrong_reads(cast: Cast, rng: Random, n: int) -> Plan:
    """Every field with every wrong value, wrong bodies, paths, methods and keys."""
    options: Body = {"top_n": 3, "exclude_rated": True, "rank_by": "relevance", "categories": None}
    options |= {"exclude_items": [], "only_items": None}
    options |= {"diversity": 0, "exploration": 0, "explain": False}
    user, item = cast.staying[0], cast.items[0]
    bodies: Mapping[str, Body] = {
        "/recommend": {"user_id": user, "cursor": None, **options},
        "/recommend/batch": {"user_ids": [user], **options},
        "/recommend/session": {"item_ids": [item], **options},
        "/predict": {"user_id": user, "item_ids": [item]},
    }
    for path, body in bodies.items():
        yield from wrong_fields(path, body)
        yield from wrong_bodies(path, body)
    yield from too_many(user, item)
    yield from wrong_cursors(cast)
    yield from wrong_queries(user, item)
    yield from wrong_paths()


def wrong_writes(cast: Cast, rng: Random, n: int) -> Plan:
    """The same for writes; a row that is taken all the same is stored."""
    user, item, time = cast.staying[0], cast.items[0], "2025-07-17T00:00:00Z"
    view = {"user_id": user, "item_id": item, "event_type": "view", "occurred_at": time}
    rows: Mapping[str, Body] = {
        "interactions": view | {"event_id": "e", "rating": None, "recommendation_id": None},
        "users": {"user_id": user, "attributes": {}},
        "items": {"item_id": item, "title": "", "categories": [], "attributes": {}},
    }
    for name, row in rows.items():
        yield from wrong_fields(f"/{name}", row, name)
        yield from wrong_bodies(f"/{name}", {name: [row]})
        for several in (*NO_ROWS, [None] * 30, [row] * 1001, [row | {"unheard_of": 1}] * 25):
            yield wrong(f"/{name}", {name: several})
    for key, request in product((None, "wrong", "ü", WRITE_KEY), _guarded(user, item, view)):
        yield replace(request, kind=f"{request.kind}, other keys", key=key)
    for user_id in ("nobody", TOO_LONG):
        yield erase(user_id)
        yield get("/users/{id}/export", "users", user_id, "export")


def _guarded(user: str, item: str, row: Body) -> Iterator[ApiRequest]:
    """Requests that need a key."""
    yield post("/interactions", {"interactions": [row | {"event_id": "by key"}]})
    yield post("/users", {"users": [{"user_id": user}]})
    yield post("/items", {"items": [{"item_id": item}]})
    yield erase("nobody")
    yield get("/users/{id}/export", "users", user, "export")


def wrong(path: str, body: Any = None, raw: str | None = None) -> ApiRequest:
    return ApiRequest(f"POST {path}, wrong", "POST", path, body, raw)


def wrong_fields(path: str, body: Body, rows: str | None = None) -> Plan:
    """A body of which each field in turn has each value, is missing or unheard of; with `rows` it
    is the one row in the field of that name."""

    def request(fields: Body) -> ApiRequest:
        return wrong(path, fields if rows is None else {rows: [fields]})

    for name in body:
        if name != "occurred_at":  # without it the time of the request counts
            yield request({field: value for field, value in body.items() if field != name})
            for value in VALUES:
                yield request(body | {name: value})
    yield request(body | {"unheard_of": 1})
    yield request(body | {f"unheard_of_{number}": number for number in range(30)})


def wrong_bodies(path: str, body: Body) -> Plan:
    for other in NO_BODIES:
        yield wrong(path, raw=json.dumps(other))
    for raw in ("", "{", '{"user_id": ', "\ufeff{}", '{"user_id": "a", "user_id": "b"}', "NaN"):
        yield wrong(path, raw=raw)
    kind = f"POST {path}, wrong"
    yield ApiRequest(kind, "POST", path)
    yield ApiRequest(kind, "POST", path, body, media_type="text/plain")
    yield ApiRequest(kind, "POST", path, raw="x" * (MOST_BYTES + 1))
    for method in ("GET", "PUT", "PATCH", "HEAD", "OPTIONS"):
        if method != "GET" or path != "/users":
            yield ApiRequest("other methods", method, path)


def too_many(user: str, item: str) -> Plan:
    """The most items and users that a request may name, and more."""
    for many in (1000, 1001):
        for name in ("exclude_items", "only_items"):
            yield wrong("/recommend", {"user_id": user, name: [item] * many})
        yield wrong("/recommend/session", {"item_ids": [item] * many})
        yield wrong("/predict", {"user_id": user, "item_ids": [item] * many})
    yield wrong("/recommend/batch", {"user_ids": [user] * 1001})
    yield wrong("/recommend", {"user_id": user, "categories": ["c"] * 101})


def wrong_cursors(cast: Cast) -> Plan:
    """A page of another user, and cursors that the API never gave out."""
    answer = yield post("/recommend", {"user_id": cast.staying[1]})
    cursors = [str(answer.get("next_cursor")), f"{VERSION}.{0:016x}", "nonsense", "x" * 101]
    for cursor in cursors:
        yield wrong("/recommend", {"user_id": cast.staying[2], "cursor": cursor})


def wrong_queries(user: str, item: str) -> Plan:
    user, item = quote(user, safe=""), quote(item, safe="")
    options = ("top_n", "exclude_rated", "rank_by", "categories", "diversity", "exploration")
    queries: Mapping[tuple[str, str], Sequence[str]] = {
        ("/users", "/users"): ("limit", "offset", "unheard_of"),
        ("/items/{id}/similar", f"/items/{item}/similar"): ("top_n", "unheard_of"),
        ("/users/{id}/why-not/{item}", f"/users/{user}/why-not/{item}"): options,
    }
    values = ("", "0", "-1", "1", "1.5", "101", "1001", "ten", "nan", "true", "%00", "x" * 300)
    for (route, path), names in queries.items():
        single = [f"{name}={value}" for name, value in product(names, values)]
        for query in [*single, f"{names[0]}=1&{names[0]}=2"]:
            yield ApiRequest(f"GET {route}, wrong", "GET", f"{path}?{query}")


def wrong_paths() -> Plan:
    long = "x" * 65
    paths = (
        *("/nothing", "/recommend/", "/users/", "/users//export", "/items", "/items/i", "/Health"),
        *(f"/users/{long}", f"/users/{long}/export", f"/items/{long}/similar"),
        *(f"/users/u/why-not/{long}", "/users/u/why-not/", "/users/%ff", "/users/%00"),
        *("/users/a%2Fwhy-not%2Fb", "/users/a/why-not/b/why-not/c", "/items//similar"),
        *("/users/%0A", "/docs-static/nothing", "/redoc", "/health/nothing", "/segments/S1"),
    )
    for path, method in product(paths, ("GET", "POST", "DELETE")):
        yield ApiRequest("other paths", method, path)
    for method in ("POST", "PUT", "DELETE", "HEAD"):
        for path in ("/", "/health", "/segments", "/users", "/openapi.json", "/docs"):
            if (method, path) != ("POST", "/users"):
                yield ApiRequest("other methods", method, path)
