"""Rows that are written to the API: good ones, and wrong ones among them."""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.request import VERSION, Body, DrawUser, Plan, post

EVENT_TYPES = ("rating", "view", "click", "cart", "purchase", "like", "dislike")

TOO_LONG = "x" * 65

WRONG_EVENTS: Sequence[Any] = (
    {"event_type": "rating", "rating": None},
    {"event_type": "rating", "rating": 99},
    {"rating": -0.5},
    {"rating": "4"},
    {"event_type": "wish"},
    {"user_id": TOO_LONG},
    {"user_id": ""},
    {"item_id": 7},
    {"item_id": TOO_LONG, "event_type": None, "rating": [], "user_id": {}},
    {"event_id": ""},
    {"recommendation_id": "x" * 129},
    {"occurred_at": "2999-01-01T00:00:00Z"},
    {"occurred_at": "0999-12-31T00:00:00Z"},
    {"occurred_at": "yesterday"},
    {"occurred_at": 1751500000},
    {"colour": "red"},
    None,
    "a row",
    [],
)
WRONG_USERS: Sequence[Any] = (
    {"user_id": ""},
    {"user_id": TOO_LONG},
    {"attributes": []},
    {"attributes": None},
    {"attributes": {"number": 2**63}},
    {"attributes": {"text": "x" * 10_001}},
    {"attributes": json.loads('{"in": ' * 21 + "1" + "}" * 21)},
    {"attributes": {"not": "\ud800"}},
    {"name": "somebody"},
    7,
)
WRONG_ITEMS: Sequence[Any] = (
    {"item_id": TOO_LONG},
    {"title": "x" * 501},
    {"categories": ["x" * 201]},
    {"categories": 3},
    {"is_active": "no"},
    {"attributes": "brand"},
    {"price": 3},
    None,
)


def mixed_rows(rng: Random, draw_row: Callable[[], Body], wrong: Sequence[Any]) -> list[Any]:
    """One to four good rows, and among them now and then a wrong one, or one twice."""
    rows: list[Any] = [draw_row() for _row in range(rng.randint(1, 4))]
    if rng.random() < 0.1:
        rows.append(rng.choice(rows))
    if wrong and rng.random() < 0.3:
        rows.insert(rng.randrange(len(rows) + 1), _spoiled(rows[0], rng.choice(wrong)))
    return rows


def _spoiled(row: Body, wrong: Any) -> Any:
    return row | wrong if isinstance(wrong, dict) else wrong


def interactions(draw_user: DrawUser, items: Sequence[str], rng: Random, n: int) -> Plan:
    """Requests with interactions, of which 15 % are sent a second time."""
    numbers = count()
    sent: list[Body] = []

    def draw_row() -> Body:
        if sent and rng.random() < 0.15:
            return rng.choice(sent)
        sent.append(event(draw_user(), rng.choice(items), next(numbers), rng))
        return sent[-1]

    for _time in range(n):
        yield post("/interactions", {"interactions": mixed_rows(rng, draw_row, WRONG_EVENTS)})


def event(user_id: str, item_id: str, number: int, rng: Random) -> Body:
    """One interaction of the days after the training, its time in one of four spellings."""
    event_type = rng.choice(EVENT_TYPES)
    row: Body = {"user_id": user_id, "item_id": item_id, "event_type": event_type}
    row["occurred_at"] = _spelled_time(rng)
    if event_type == "rating" or rng.random() < 0.1:
        row["rating"] = rng.choice([1, 1.5, 2, 3, 3.5, 4, 4.5, 5])
    if rng.random() < 0.5:
        row["event_id"] = f"event {number} {rng.randrange(10**6)}"
    if rng.random() < 0.1:
        row["recommendation_id"] = f"{VERSION}.{rng.randrange(16**16):016x}"
    return row


def _spelled_time(rng: Random) -> str:
    day, milliseconds = f"2025-07-{rng.randint(2, 15):02}", rng.randrange(86_400_000)
    seconds, rest = divmod(milliseconds, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return rng.choice(
        (f"{day}T{clock}.{rest:03}Z", f"{day}T{clock}+02:00", f"{day} {clock}.{rest:03}", day)
    )


def declared_user(draw_user: DrawUser, rng: Random) -> Callable[[], Body]:
    attributes: Sequence[Body] = (
        {},
        {"age": 34, "gender": "F"},
        {"age": 17, "gender": "M", "occupation": "student"},
        {"age": "unknown", "tags": ["a", {"b": None}], "ü": 1.5},
    )

    def draw_row() -> Body:
        fields = {"attributes": rng.choice(attributes)} if rng.random() < 0.8 else {}
        return {"user_id": draw_user(), **fields}

    return draw_row


def described_item(items: Sequence[str], cast: Cast, rng: Random) -> Callable[[], Body]:
    values: Mapping[str, Callable[[], Any]] = {
        "title": lambda: rng.choice(["", "Another title", "Ünïcode ☃"]),
        "categories": lambda: [rng.choice([*cast.categories[:10], "a new category"])],
        "attributes": lambda: rng.choice([{}, {"brand": "Flux"}, {"tags": [1, 2]}]),
        "is_active": lambda: rng.random() < 0.6,
    }

    def draw_row() -> Body:
        fields = {name: draw() for name, draw in values.items() if rng.random() < 0.4}
        return {"item_id": rng.choice(items), **fields}

    return draw_row
