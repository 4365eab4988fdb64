"""What a filter costs a computed list: CPU of the API's process, with and without one.

No two requests are alike, nor two filters: no list and no mask comes from a cache. Half of the
items fulfil one: of fewer a list would cost less.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sqlalchemy.engine import URL

from benchmarks.report import Row
from benchmarks.speed import load
from benchmarks.speed.api_process import ApiProcess, api_process
from benchmarks.speed.noise import CATEGORIES, LANGUAGES, publish_noise

USERS, ITEMS = 2_000, 20_000
MOST = 1.3  # times the CPU without a filter
ROUNDS, LISTS = 6, 500  # in turn, so that both meet the same machine


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        database = URL.create("sqlite", database=str(Path(folder) / "data.sqlite"))
        artifacts = Path(folder) / "artifacts"
        publish_noise(artifacts, USERS, ITEMS)
        with api_process(database, artifacts) as process:
            return [_row(process)]


def _row(process: ApiProcess) -> Row:
    rng = np.random.default_rng(0)
    _cpu_of(process, _bodies(rng, filtered=True), 1)  # the first makes the columns
    plain, filtered = [], []
    for _round in range(ROUNDS):
        plain.append(_cpu_of(process, _bodies(rng, filtered=False), LISTS))
        filtered.append(_cpu_of(process, _bodies(rng, filtered=True), LISTS))
    without, with_filter = np.mean(plain), np.mean(filtered)
    ratio = with_filter / without
    return Row(
        f"computed list of {ITEMS:,} items, a filter of three conditions: CPU",
        f"{1000 * with_filter:.2f} ms, {ratio:.2f} × {1000 * without:.2f} ms without",
        f"≤ {MOST:g} ×",
        bool(ratio <= MOST),
    )


def _bodies(rng: np.random.Generator, *, filtered: bool) -> Iterator[dict[str, object]]:
    while True:
        options: dict[str, object] = {"exploration": 0, "diversity": 0}
        if filtered:
            options["filter"] = {
                "categories": {"none": [f"c{rng.integers(CATEGORIES)}"]},
                "attributes": {
                    "price": {"max": rng.uniform(50, 100)},
                    "language": {"in": [*LANGUAGES[:3]]},
                },
            }
        # Another item that is left out makes another list, of the same cost.
        excluded = [f"I{number}" for number in rng.integers(ITEMS, size=2)]
        user_id = f"U{rng.integers(USERS)}"
        yield {"user_id": user_id, "exclude_items": excluded, **options}


def _cpu_of(process: ApiProcess, bodies: Iterator[dict[str, object]], lists: int) -> float:
    """Seconds of the process for each list."""
    begin = process.cpu_seconds()
    asked = (body for _list, body in zip(range(lists), bodies, strict=False))
    outcome = load.post(process.port, "/recommend", asked, clients=1, seconds=600)
    if outcome.failures:
        raise RuntimeError(f"{outcome.failures} of {lists} lists were not answered")
    return (process.cpu_seconds() - begin) / lists
