"""A whole training with MODEL=auto, from its start to its end."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import run
from benchmarks.quality.bench import Bench
from benchmarks.quality.embedded import environment_in
from benchmarks.quality.lines import Goal, Line


def auto(bench: Bench) -> Iterator[Line]:
    """`python -m services.trainer` with MODEL=auto over SQLite, from its start to its end."""
    generate = ("generate",)
    ml_1m = ("import", str(bench.data / "ml-1m" / "ratings.csv.gz"))
    for data, arguments, goal in (
        ("50,000 generated rows", generate, Goal(60, 20, lower=True)),
        ("ML-1M", ml_1m, Goal(600, 240, lower=True)),
    ):
        with TemporaryDirectory() as scratch:
            environment = environment_in(Path(scratch)) | {"THREADS": str(bench.threads)}
            run(environment, "-m", "services.generator", *arguments)
            trained = run(environment, "-m", "services.trainer")
        peak = f"peak {trained.peak_mib:.0f} MiB"
        yield Line(f"{data} in SQLite", "auto", "seconds", trained.seconds, goal, note=peak)
