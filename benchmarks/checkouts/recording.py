"""Trains, serves and asks a checkout, scenario by scenario, and keeps all that it wrote."""

import gzip
import json
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.checkouts.answers import ANSWERS, ApiRecorder
from benchmarks.checkouts.datasets import write_implicit, write_small
from benchmarks.checkouts.requests.cast import Cast
from benchmarks.checkouts.requests.phases import phases, requests_of
from benchmarks.checkouts.requests.request import VERSION
from benchmarks.checkouts.runner import Runner, api_client
from benchmarks.checkouts.scenarios import ML_100K, SCENARIOS, Scenario

TRAINED_AT = "2025-07-01T00:00:00Z"  # of every served version; events are sent for the days after
IMPORTED_AT = "2025-06-01T00:00:00.000Z"  # where the data knows no times, in place of the import's

TRAINING = {"SEED": "1", "THREADS": "2", "DEVICE": "cpu", "MODEL": "auto"}

SERVING = {
    # On a busy machine no request is given up, and no list is forgotten.
    "DATABASE_TIMEOUT_SECONDS": "30",
    "WRITE_TIMEOUT_SECONDS": "30",
    "CACHE_TTL_SECONDS": "86400",
    "TREND_SECONDS": "0.2",
    # New items are numbered in the order in which they are seen: by requests alone.
    "MODEL_POLL_SECONDS": "86400",
}

BATCHES = {"relevance": ("--ratings",), "rating": ("--rank-by", "rating")}


def record(checkout: Path, folder: Path, ml_100k: Path | None) -> None:
    """Write all that `compare` reads into a new folder; MovieLens 100K where its folder is given.

    CalledProcessError where a program fails, TimeoutError where the API falls silent.
    """
    for scenario in SCENARIOS:
        if scenario.source != ML_100K or ml_100k is not None:
            begin = time.monotonic()
            record_scenario(checkout, folder / scenario.name, scenario, ml_100k)
            print(f"{scenario.name}: {time.monotonic() - begin:.0f} s", flush=True)


def record_scenario(checkout: Path, folder: Path, scenario: Scenario, ml_100k: Path | None) -> None:
    """Train and keep that, then serve a copy and ask it."""
    trained, served = folder / "trained", folder / "served"
    trained.mkdir(parents=True)
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        if scenario.has_data:
            runner = Runner(checkout, trained, {**TRAINING, **scenario.trained_with}, log)
            train(runner, scenario, ml_100k)
        shutil.copytree(trained, served)
        cast = Cast.of(served / "data.sqlite")
        rules = {"RULES": json.dumps(cast.rules())} if scenario.rules else {}
        runner = Runner(checkout, served, {**SERVING, **scenario.served_with, **rules}, log)
        if scenario.has_data:
            fix_version(runner.artifacts)
            write_batches(runner, folder, scenario)
        with (
            api_client(runner) as client,
            gzip.open(folder / ANSWERS, "wt", encoding="utf-8") as file,
        ):
            ask_all(ApiRecorder(client, file), scenario, cast)


def ask_all(recorder: ApiRecorder, scenario: Scenario, cast: Cast) -> None:
    """Ask all phases that suit a scenario."""
    for phase in phases(scenario):
        if phase.settles:
            recorder.settle(cast)
        recorder.follow(phase.name, requests_of(phase, scenario, cast), phase.has_new_items)


def train(runner: Runner, scenario: Scenario, ml_100k: Path | None) -> None:
    """Load the data and train; `--if-none` must then add no second version."""
    if scenario.source == "generated":
        runner.run("services.generator", "generate")
    else:
        source = _source(scenario, runner.folder, ml_100k)
        runner.run("services.generator", "import", str(source))
    if scenario.source == "implicit":
        with closing(sqlite3.connect(runner.database)) as connection, connection:
            connection.execute("UPDATE interactions SET occurred_at = ?", (IMPORTED_AT,))
    runner.run("services.trainer")
    runner.run("services.trainer", "--if-none")


def _source(scenario: Scenario, folder: Path, ml_100k: Path | None) -> Path:
    if scenario.source == ML_100K and ml_100k is not None:
        return ml_100k.resolve()
    path = folder / f"{scenario.source}.csv"
    {"implicit": write_implicit, "small": write_small}[scenario.source](path)
    return path


def fix_version(artifacts: Path) -> None:
    """Give the current version the fixed name and time."""
    current = json.loads((artifacts / "current.json").read_text())
    folder = (artifacts / "models" / current["version"]).rename(artifacts / "models" / VERSION)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest |= {"version": VERSION, "created_at": TRAINED_AT}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (artifacts / "current.json").write_text(json.dumps(current | {"version": VERSION}))


def write_batches(runner: Runner, folder: Path, scenario: Scenario) -> None:
    """Write the lists of all users; an order by rating is refused where there are no ratings."""
    services = runner.checkout / "services"
    module = "services.batch" if (services / "batch").exists() else "services.api.batch"
    for name, options in BATCHES.items():
        output = ("--output", str(folder / f"batch-{name}.parquet"))
        must_succeed = name == "relevance" or scenario.source != "implicit"
        runner.run(module, "--top-n", "20", *output, *options, check=must_succeed)
