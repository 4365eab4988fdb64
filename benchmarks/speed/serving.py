"""What the API in the Compose stack answers under load, one client's latency, memory at rest.

python -m benchmarks serving
"""

import random
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from benchmarks.report import Row
from benchmarks.speed.load import Outcome, post
from tests.end_to_end.stack import Stack, wait_until

CLIENTS = 16
SECONDS = 60
COMPUTED = 3000  # requests behind the 99th percentile: its 30 slowest


def rows() -> list[Row]:
    """Starts a stack of its own on the default 50,000 rows, and removes it."""
    stack = Stack(Path(__file__).parents[2])
    stack.remove()
    try:
        stack.up()
        wait_until(lambda: stack.health()["status"] == "healthy", "a healthy stack")
        return list(_measure(stack))
    finally:
        stack.remove()


def _measure(stack: Stack) -> Iterator[Row]:
    port = stack.client.base_url.port
    assert port is not None
    at_rest = resident_mib(stack)
    yield Row("API at rest, 50,000-row model", f"{at_rest:.0f} MiB", "≤ 150", at_rest <= 150)

    users = [user["user_id"] for user in stack.client.get("/users?limit=1000").json()["users"]]
    computed = post(port, "/recommend", distinct(users), clients=1, seconds=600)
    p99 = computed.percentile(99)
    yield Row(
        "computed POST /recommend, 1 client, p99",
        f"{p99:.1f} ms (median {computed.percentile(50):.1f} ms, {computed.failures} failures)",
        "< 20 ms",
        p99 < 20 and not computed.failures,
    )
    mixed = post(port, "/recommend", any_user(users), clients=CLIENTS, seconds=SECONDS)
    yield _load_row(mixed)
    yield Row("API after the load", f"{resident_mib(stack):.0f} MiB")


def _load_row(mixed: Outcome) -> Row:
    reached = mixed.per_second() >= 100 and mixed.mean() <= 50 and not mixed.failures
    return Row(
        f"POST /recommend in Compose, {CLIENTS} clients, {SECONDS} s, mixed users",
        f"{mixed.per_second():.0f}/s, mean {mixed.mean():.1f} ms, p99 {mixed.percentile(99):.1f} "
        f"ms, {mixed.failures} failures",
        "≥ 100/s, mean ≤ 50 ms, 0 failures",
        reached,
    )


def distinct(users: list[str]) -> Iterator[dict[str, object]]:
    """Questions of which no two are alike, so that no answer comes from the cache."""
    questions = [(u, n) for n, u in product(range(1, 101), users)]
    random.Random(0).shuffle(questions)
    for user_id, top_n in questions[:COMPUTED]:
        yield {"user_id": user_id, "top_n": top_n}


def any_user(users: list[str]) -> Iterator[dict[str, object]]:
    """The same question for users drawn at random, for ever: first computed, later cached."""
    rng = random.Random(1)
    while True:
        yield {"user_id": rng.choice(users), "top_n": 10}


def resident_mib(stack: Stack) -> float:
    """Resident memory of the API's process."""
    status = stack.compose("exec", "--no-TTY", "api", "cat", "/proc/1/status")
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert match is not None
    return int(match[1]) / 1024
