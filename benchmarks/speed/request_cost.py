"""What the dearest requests that validation lets through cost, and what others notice of them.

CPU and memory are the API process's own; others are clients that ask for single lists meanwhile.
"""

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.engine import URL

from benchmarks.processes import run
from benchmarks.report import Row
from benchmarks.speed import load
from benchmarks.speed.api_process import ApiProcess, api_process
from services.api.recommend.batch_lists import MAX_COST, user_cost
from services.api.schemas.recommendations import ListOptions
from shared.artifacts.current import require_current
from shared.artifacts.versions import read_version

ITEMS, USERS = 600, 1_000
CPU_SECONDS, MEGABYTES, SLOWER = 2.0, 60.0, 3.0
MEASURED_SECONDS = 6.0

Body = dict[str, Any]
Bodies = Sequence[tuple[str, str, Body]]


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        database = URL.create("sqlite", database=str(Path(folder) / "data.sqlite"))
        artifacts = Path(folder) / "artifacts"
        environment = {"DATABASE_URL": str(database), "ARTIFACT_DIR": str(artifacts)}
        run(environment, "-m", "services.generator", "generate")
        run(environment, "-m", "services.trainer")
        with api_process(database, artifacts) as process:
            version = read_version(artifacts, require_current(artifacts).version)
            bodies = list(dearest(version.content.items[:]))
            return [
                *_costs(process, bodies),
                _of_others(process, bodies),
                _of_the_gone(process, bodies),
            ]


def dearest(items: Sequence[str]) -> Iterator[tuple[str, str, Body]]:
    """What each kind of request can ask for at most: its name, path and body."""
    for name, options in (
        ("plain", {}),
        ("100 places", {"top_n": 100}),
        ("reasons", {"explain": True, "rank_by": "rating"}),
        ("100 places, reasons", {"explain": True, "rank_by": "rating", "top_n": 100}),
        ("100 places, diverse", {"diversity": 0.5, "top_n": 100}),
        ("explored", {"exploration": 0.5, "rank_by": "rating"}),
    ):
        users = min(USERS, MAX_COST // user_cost(ListOptions(**options), ITEMS))
        user_ids = [f"U{10_001 + number}" for number in range(users)]
        yield f"batch of {users}: {name}", "/recommend/batch", {"user_ids": user_ids, **options}
    session = {
        "item_ids": items,
        "top_n": 100,
        "explain": True,
        "rank_by": "rating",
        "exclude_rated": False,
    }
    yield f"session of {len(items)} items, reasons", "/recommend/session", session
    yield f"{len(items)} predictions", "/predict", {"user_id": "U10001", "item_ids": items}
    events = [
        {"user_id": f"U{number}", "item_id": item, "event_type": "view"}
        for number, item in enumerate(items)
    ]
    yield f"{len(items)} events", "/interactions", {"interactions": events}
    described = [{"item_id": item, "title": "t" * 500, "categories": [item]} for item in items]
    yield f"{len(items)} items", "/items", {"items": described}


def _costs(process: ApiProcess, bodies: Bodies) -> Iterator[Row]:
    with httpx.Client(base_url=f"http://127.0.0.1:{process.port}", timeout=60) as client:
        for name, path, body in bodies:
            cpu, memory = process.cpu_seconds(), process.megabytes()
            answer = client.post(path, json=body)
            spent, grown = process.cpu_seconds() - cpu, process.megabytes() - memory
            yield Row(
                f"{name}: CPU, memory",
                f"{spent:.2f} s, {grown:.0f} MB ({answer.status_code}, "
                f"{len(answer.content) / 1e6:.1f} MB out)",
                f"≤ {CPU_SECONDS:g} s, ≤ {MEGABYTES:g} MB",
                answer.is_success and spent <= CPU_SECONDS and grown <= MEGABYTES,
            )


def _of_others(process: ApiProcess, bodies: Bodies) -> Row:
    """Single lists of distinct users, beside the dearest batch again and again, and without."""
    alone = _single_lists(process.port)
    ends = threading.Event()
    path, body = next((path, body) for name, path, body in bodies if "places, reasons" in name)
    beside = threading.Thread(target=_again_and_again, args=(process.port, path, body, ends))
    beside.start()
    try:
        together = _single_lists(process.port)
    finally:
        ends.set()
        beside.join()
    ratio = together.percentile(99) / alone.percentile(99)
    return Row(
        "computed lists beside the dearest batch, 1 client, p99",
        f"{together.percentile(99):.1f} ms, {ratio:.1f} × {alone.percentile(99):.1f} ms without; "
        f"{together.failures} failures",
        f"≤ {SLOWER:g} ×",
        ratio <= SLOWER and not together.failures,
    )


def _single_lists(port: int) -> load.Outcome:
    bodies: Iterator[dict[str, object]] = (
        {"user_id": f"U{10_001 + number % 5_000}", "top_n": 1 + number % 100}
        for number in range(1_000_000)
    )
    return load.post(port, "/recommend", bodies, clients=1, seconds=MEASURED_SECONDS)


def _again_and_again(port: int, path: str, body: Body, ends: threading.Event) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        while not ends.is_set():
            client.post(path, json=body)


def _of_the_gone(process: ApiProcess, bodies: Bodies) -> Row:
    """What is still spent on a batch whose client closes its connection at the first byte."""
    name, path, body = bodies[0]
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", process.port)) as connection:
        connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        connection.recv(1)
        cpu = process.cpu_seconds()
    time.sleep(3)
    spent = process.cpu_seconds() - cpu
    measure = f"{name}: CPU after its client has gone"
    return Row(measure, f"{spent:.2f} s in 3 s", "≤ .3 s", spent <= 0.3)
