"""Requests that only read, one endpoint at a time."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.request import ApiRequest, Body, DrawUser, Plan, get, post

LENGTHS = (1, 2, 5, 10, 10, 10, 20, 50, 100)


def about() -> Plan:
    for path in ("", "health", "health/live", "health/ready", "segments", "docs", "openapi.json"):
        yield ApiRequest(f"GET /{path}", "GET", f"/{path}")


def list_options(cast: Cast, rng: Random) -> Body:
    """The fields that any list may be asked with; each now and then."""
    fields: Mapping[str, tuple[float, Callable[[], Any]]] = {
        "top_n": (0.7, lambda: rng.choice(LENGTHS)),
        "exclude_rated": (0.2, lambda: rng.random() < 0.5),
        "rank_by": (0.4, lambda: rng.choice(["relevance", "rating"])),
        "categories": (0.15, lambda: [*rng.choices([*cast.categories, "none such"], k=2)]),
        "exclude_items": (0.15, lambda: drawn_items(cast.items, rng, 50)),
        "only_items": (0.1, lambda: drawn_items(cast.items, rng, 50)),
        "diversity": (0.2, lambda: rng.choice([0, 0.1, 0.3, 0.5, 0.9, 1])),
        "explain": (0.3, lambda: True),
    }
    return {name: draw() for name, (share, draw) in fields.items() if rng.random() < share}


def drawn_items(items: Sequence[str], rng: Random, most: int) -> list[str]:
    """At most `most` items, perhaps one twice, and now and then one more that is unknown."""
    drawn = rng.choices(items, k=rng.randint(1, most))
    return [*drawn, "no such item"] if rng.random() < 0.3 else drawn


def recommendations(draw_user: DrawUser, cast: Cast, rng: Random, n: int) -> Plan:
    for _time in range(n):
        yield post("/recommend", {"user_id": draw_user(), **list_options(cast, rng)})


def explorations(draw_user: DrawUser, cast: Cast, rng: Random, n: int) -> Plan:
    for _time in range(n):
        exploring = {"user_id": draw_user(), "exploration": rng.choice([0.1, 0.5, 1])}
        yield post("/recommend", list_options(cast, rng) | exploring)


def pages(draw_user: DrawUser, cast: Cast, rng: Random, n: int) -> Plan:
    """Three pages of a list, as far as it has so many."""
    for _time in range(n):
        body = {"user_id": draw_user(), **list_options(cast, rng)}
        answer = yield post("/recommend", body)
        for _page in range(2):
            cursor = answer.get("next_cursor")
            if cursor is None:
                break
            answer = yield ApiRequest(
                "POST /recommend, next page", "POST", "/recommend", body | {"cursor": cursor}
            )
            body["top_n"] = rng.choice(LENGTHS)


def batches(draw_user: DrawUser, cast: Cast, rng: Random, n: int) -> Plan:
    for _time in range(n):
        user_ids = [draw_user() for _user in range(rng.randint(1, 12))]
        yield post("/recommend/batch", {"user_ids": user_ids, **list_options(cast, rng)})


def sessions(items: Sequence[str], cast: Cast, rng: Random, n: int) -> Plan:
    for _time in range(n):
        item_ids = drawn_items(items, rng, 6)
        yield post("/recommend/session", {"item_ids": item_ids, **list_options(cast, rng)})


def predictions(draw_user: DrawUser, items: Sequence[str], rng: Random, n: int) -> Plan:
    for _time in range(n):
        yield post("/predict", {"user_id": draw_user(), "item_ids": drawn_items(items, rng, 20)})


def user_pages(cast: Cast, rng: Random, n: int) -> Plan:
    for _time in range(n):
        offset = rng.randrange(len(cast.users) + 20)
        yield get("/users", "users", limit=rng.choice([1, 3, 10, 30, 100]), offset=offset)


def users(draw_user: DrawUser, n: int) -> Plan:
    for _time in range(n):
        yield get("/users/{id}", "users", draw_user())


def why_not(draw_user: DrawUser, items: Sequence[str], cast: Cast, rng: Random, n: int) -> Plan:
    allowed = ("top_n", "exclude_rated", "rank_by", "categories", "diversity")
    for _time in range(n):
        options = list_options(cast, rng)
        query = {name: value for name, value in options.items() if name in allowed}
        parts = "users", draw_user(), "why-not", rng.choice([*items, "no such item"])
        yield get("/users/{id}/why-not/{item}", *parts, **query)


def similar(items: Sequence[str], rng: Random, n: int) -> Plan:
    for _time in range(n):
        item = rng.choice([*items, "no such item"])
        query = {"top_n": rng.choice(LENGTHS)} if rng.random() < 0.7 else {}
        yield get("/items/{id}/similar", "items", item, "similar", **query)
