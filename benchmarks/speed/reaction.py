"""How soon another replica knows an event, and what it costs to fold a history in and explain.

python -m benchmarks reaction
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
from sqlalchemy.engine import URL
from threadpoolctl import threadpool_limits

from benchmarks.processes import run
from benchmarks.report import Row
from benchmarks.speed.api_process import api_process
from services.api.recommend.explanations import contributions
from services.api.recommend.scorer_choice import UserScorer
from shared.artifacts.current import require_current
from shared.artifacts.versions import Version, read_version
from shared.scorers.histories import History
from tests.servers import mysql_server, redis_server

EVENTS = 300  # each read at once by the other replica
HISTORY, LIST = 200, 10
ITEMS, RANK = 10_000, 64  # of the scoring that a reaction is measured by
REPEATS = 2_000


def rows() -> list[Row]:
    """Starts MySQL, Redis and two API processes on the default data, and ends them."""
    with (
        mysql_server(on_disk=True) as mysql,
        redis_server() as redis,
        TemporaryDirectory() as folder,
    ):
        environment = {
            "DATABASE_URL": mysql.render_as_string(hide_password=False),
            "ARTIFACT_DIR": folder,
        }
        run(environment, "-m", "shared.database")
        run(environment, "-m", "services.generator", "generate")
        run(environment, "-m", "services.trainer")
        return [*_replicas(mysql, redis, Path(folder)), *_costs(Path(folder))]


def _replicas(mysql: URL, redis: str, artifact_dir: Path) -> Iterator[Row]:
    with (
        api_process(mysql, artifact_dir, REDIS_URL=redis) as one,
        api_process(mysql, artifact_dir, REDIS_URL=redis) as other,
        httpx.Client(base_url=f"http://127.0.0.1:{one}", timeout=10) as writer,
        httpx.Client(base_url=f"http://127.0.0.1:{other}", timeout=10) as reader,
    ):
        users = [user["user_id"] for user in reader.get("/users?limit=1000").json()["users"]]
        delays, late = [], 0
        for user_id in users[:EVENTS]:
            delay, looks = _seen_after(writer, reader, user_id)
            delays.append(delay)
            late += looks > 1
        p99 = float(np.percentile(delays, 99))
        yield Row(
            "acknowledged → in the answer of another replica",
            f"p99 {p99:.0f} ms, median {np.median(delays):.0f} ms, worst {max(delays):.0f} ms; "
            f"{late} of {EVENTS} not in the next answer",
            "≤ 50 ms",
            p99 <= 50 and not late,
        )


def _seen_after(writer: httpx.Client, reader: httpx.Client, user_id: str) -> tuple[float, int]:
    """Milliseconds from the acknowledgement of a view of the first item of a user's list to the
    answer of the other replica that leaves it out, and the number of answers until then."""
    asked = {"user_id": user_id}
    best = reader.post("/recommend", json=asked).json()["recommendations"][0]["item_id"]
    event = {"user_id": user_id, "item_id": best, "event_type": "view"}
    accepted = writer.post("/interactions", json={"interactions": [event]}).json()["accepted"]
    assert accepted == 1
    begin, looks = time.perf_counter(), 0
    while True:
        looks += 1
        listed = reader.post("/recommend", json=asked).json()["recommendations"]
        if best not in {one["item_id"] for one in listed}:
            return (time.perf_counter() - begin) * 1000, looks


def _costs(artifact_dir: Path) -> Iterator[Row]:
    """CPU of the ranker's reaction, against scoring a catalogue exactly, on one thread."""
    version = read_version(artifact_dir, require_current(artifact_dir).version)
    rng = np.random.default_rng(0)
    history = _history(version, rng)
    catalogue = rng.standard_normal((ITEMS, RANK), dtype=np.float32)
    vector = rng.standard_normal((1, RANK), dtype=np.float32)

    def score() -> object:
        return catalogue @ vector[0]

    def score_and_choose() -> object:
        return np.argpartition(-(catalogue @ vector[0]), LIST)[:LIST]

    with threadpool_limits(1, user_api="blas"):
        reaction, alone, chosen = _cpu(lambda: react(version, history), score, score_and_choose)
    yield Row(
        f"fold in {HISTORY} events, score {len(version.content.items)} items, explain {LIST}: "
        f"CPU of {version.manifest.ranker}",
        f"{reaction * 1e6:.0f} µs, {reaction / chosen:.1f} × scoring {ITEMS:,} × {RANK} and taking "
        f"the best {LIST} ({reaction / alone:.1f} × the bare product)",
        "≤ 3 ×",
        reaction <= 3 * chosen,
    )


def react(version: Version, history: History) -> object:
    """What a request computes of a new history."""
    scorer = version.ranker
    vector = scorer.fold_in(history)
    scores = scorer.score(vector[None])[0]
    best = np.argpartition(-scores, LIST)[:LIST]
    return contributions(UserScorer(scorer, version.manifest.ranker, history, vector), best)


def _history(version: Version, rng: np.random.Generator) -> History:
    """Ratings of as many items, one after the other."""
    items = np.sort(rng.choice(len(version.content.items), HISTORY, replace=False))
    return History(
        items.astype(np.int32),
        np.ones(HISTORY, dtype=np.bool_),
        np.ones(HISTORY, dtype=np.float32),
        rng.integers(1, 6, HISTORY).astype(np.float32),
        rng.permutation(HISTORY).astype(np.int32),
        np.empty(0, dtype=np.float32),
    )


def _cpu(*functions: Callable[[], object]) -> list[float]:
    """CPU seconds of a call of each, in turn, so that all see the same machine."""
    spent = np.zeros(len(functions))
    for _repeat in range(REPEATS):
        for place, function in enumerate(functions):
            begin = time.process_time_ns()
            function()
            spent[place] += time.process_time_ns() - begin
    return [float(one) for one in spent / REPEATS / 1e9]
