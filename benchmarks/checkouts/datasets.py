"""Small sets of data that a record is made over, written from a fixed seed."""

import csv
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from random import Random

from benchmarks.checkouts.requests.writes import EVENT_TYPES


def write_implicit(path: Path) -> None:
    """Views without ratings or times: every user has a taste, and three rows are bad."""
    rng = Random("implicit")
    rows = [(f"u{user}", _tasted_item(rng, user)) for user in range(300) for _view in range(25)]
    rng.shuffle(rows)
    bad = [("u1", "i1", "one cell more"), ("u" * 65, "i1"), ("", "i1")]
    _write_csv(path, [("user", "item"), *rows, *bad])


def write_small(path: Path) -> None:
    """Events of all types, with times, and ratings in half stars."""
    rng = Random("small")
    rows: list[Sequence[object]] = [("user", "item", "event", "rating", "time")]
    for user, _event in product(range(200), range(30)):
        item = _tasted_item(rng, user)
        event = rng.choice(["rating", "rating", "rating", *EVENT_TYPES])
        stars = min(5, max(1, 3 + (int(item[1:]) + user) % 4 / 2 + rng.choice([-1, -0.5, 0, 0.5])))
        seconds = 1_730_000_000 + rng.randrange(20_000_000)
        rows.append((f"u{user}", item, event, stars if event == "rating" else "", seconds))
    _write_csv(path, rows)


def _tasted_item(rng: Random, user: int) -> str:
    """An item of those that the user's group likes, or of all; low numbers come more often."""
    item = int(150 * rng.random() ** 2)
    return f"i{item - item % 3 + user % 3 if rng.random() < 0.7 else item}"


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
