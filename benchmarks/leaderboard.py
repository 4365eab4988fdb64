"""Every model on a data set: how good, how fast, how large.

    python -m benchmarks.leaderboard DATA [--name NAME] [--models A,B] [--docs] [-- IMPORT OPTIONS]

DATA is imported as by `make import` into a database of its own. Each model is fitted and measured
in a process of its own, whose largest resident size stands in the table. The table is printed and
kept in data/leaderboard-NAME.md; --docs puts it into docs/quality.md instead.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from benchmarks import published, report
from benchmarks.pages import DOCS, Section, table, write
from benchmarks.processes import run
from services.trainer.comparison.comparison import PLACES, Examined, compare
from services.trainer.data.reading import read_dataset
from services.trainer.models import MODELS, SCORER_TYPES
from services.trainer.models.solver import Workers
from services.trainer.selection.candidates import suits
from services.trainer.selection.evaluation import Examination
from services.trainer.selection.hyperparameters import complete
from services.trainer.selection.validation import measured
from services.trainer.settings import TrainerSettings
from services.trainer.splits.protocols import last_of_each_user
from shared.database.engine import open_database
from shared.scorers import Scorer

ONE_BY_ONE, BLOCK = 200, 512  # users

Figures = dict[str, Any]

HEADINGS = (
    "model",
    "RMSE (95 %)",
    f"NDCG@{PLACES} (95 %)",
    f"recall@{PLACES}",
    "coverage",
    "fit, s",
    "peak, MiB",
    "one user, ms",
    "users/s",
)


def main() -> None:
    own, options = split_arguments(sys.argv[1:])
    arguments = _parser().parse_args(own)
    if arguments.measure is not None:
        print(json.dumps(measure(arguments.measure)))
        return
    name = arguments.name or _plain_name(arguments.data)
    models = arguments.models.split(",") if arguments.models else list(MODELS)
    try:
        section = leaderboard(arguments.data, name, models, options)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, error.cmd))} ended with status {error.returncode}.")
    print(section)
    path = write(section, f"leaderboard-{name}", section_of(name), into_docs=arguments.docs)
    print(f"Written to {path}.", file=sys.stderr)


def leaderboard(data: Path, name: str, models: Sequence[str], options: Sequence[str]) -> str:
    """The section of a data set, in markdown."""
    with TemporaryDirectory() as scratch:
        environment = {
            "DATABASE_URL": f"sqlite:///{Path(scratch) / 'data.sqlite'}",
            "ARTIFACT_DIR": str(Path(scratch) / "artifacts"),
        }
        run(environment, "-m", "services.generator", "import", str(data), *options)
        board = {model: _in_own_process(model, environment) for model in models}
    known = {model: figures for model, figures in board.items() if figures}
    skipped = ", ".join(model for model in models if model not in known)
    held_out = "; ".join({str(figures["held_out"]) for figures in known.values()})
    parts = [
        f"### {name}",
        f"{report.machine()}. {held_out or 'Nothing could be measured'}.",
        table(HEADINGS, [_row(model, figures) for model, figures in known.items()]),
        f"Left out, as the data or its size does not allow them: {skipped}." if skipped else "",
        *_beside(name),
    ]
    return "\n\n".join(part for part in parts if part)


def _in_own_process(model: str, environment: Mapping[str, str]) -> Figures:
    """What `measure` says, and the peak memory; nothing where the model was refused."""
    print(f"{model} …", file=sys.stderr, flush=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.leaderboard", "--measure", model, "."],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    figures: Figures = json.loads(output)
    return figures and figures | {"peak_mib": usage.ru_maxrss / 1024}


def measure(model: str) -> Figures:
    """One model on the database of this process's settings; empty where it does not allow it."""
    settings = TrainerSettings.load()
    dataset = read_dataset(open_database(settings.database()), settings.weighting, settings.named)
    if not suits(model, dataset, settings):
        return {}
    rng = np.random.default_rng(settings.seed)
    examination = Examination(last_of_each_user(dataset, settings.holdout_fraction, rng))
    workers = Workers(torch.device("cpu"), settings.threads)
    suited = complete(settings, None, examination.train)
    trial = measured(examination, [model], suited, workers).get(model)
    if trial is None:  # it diverged
        return {}
    figures = compare([Examined.of(examination, {model: trial}, None)], rng)
    one, block = scoring_times(trial.scorer, len(dataset.users))
    counts = f"{len(dataset.users):,} users, {len(dataset.items):,} items"
    return {
        "held_out": f"{counts}; held out: {examination.split.protocol}",
        "ratings": figures["ratings"]["models"].get(model),
        "lists": figures["lists"]["models"].get(model),
        "seconds": trial.seconds,
        "one_user_ms": one * 1000,
        "users_per_second": block,
    }


def scoring_times(scorer: Scorer, users: int) -> tuple[float, float]:
    """Median seconds to score all items for one known user, and users a second in blocks."""
    some = np.linspace(0, users - 1, min(users, ONE_BY_ONE)).astype(np.int64)
    alone = [_seconds(scorer, some[place : place + 1]) for place in range(len(some))]
    block = np.arange(min(users, BLOCK))
    return float(np.median(alone)), len(block) / min(_seconds(scorer, block) for _run in range(3))


def _seconds(scorer: Scorer, users: np.ndarray) -> float:
    begin = time.perf_counter()
    np.ascontiguousarray(scorer.score(scorer.vectors(users)))  # popularity gives a view of one row
    return time.perf_counter() - begin


def _row(model: str, figures: Figures) -> list[str]:
    ratings, lists = figures["ratings"], figures["lists"]
    role = ", ".join(sorted(SCORER_TYPES[model].roles))
    return [
        f"{model} ({role})",
        _with_ends(ratings, "rmse", ratings and ratings["interval"]),
        _with_ends(lists, f"ndcg@{PLACES}", lists and lists["intervals"][f"ndcg@{PLACES}"]),
        f"{lists[f'recall@{PLACES}']:.4f}" if lists else "",
        f"{lists['shown'][f'coverage@{PLACES}']:.3f}" if lists else "",
        f"{figures['seconds']:.2f}",
        f"{figures['peak_mib']:.0f}",
        f"{figures['one_user_ms']:.2f}",
        f"{figures['users_per_second']:,.0f}",
    ]


def _with_ends(figures: Figures | None, name: str, ends: Sequence[float] | None) -> str:
    if figures is None or ends is None:
        return ""
    return f"{figures[name]:.4f} ({ends[0]:.4f}–{ends[1]:.4f})"


def _beside(name: str) -> list[str]:
    """What was published on the same data, if anything."""
    rows = [
        [one.model, one.metric, f"{one.figure:g}", one.protocol, one.source]
        for one in published.of(name)
    ]
    if not rows:
        return []
    headings = ("published", "metric", "figure", "its own protocol", "source")
    return [
        "Published on the same data under other protocols: not to be compared with the table above "
        "line by line; [the rows above](#by-protocol) follow these protocols.",
        table(headings, rows),
    ]


def section_of(name: str) -> Section:
    """Where the documentation shows a data set."""
    return Section(DOCS / "quality.md", f"<!-- leaderboard {name} -->", f"<!-- end of {name} -->")


def _plain_name(path: Path) -> str:
    """The file's or the folder's own name without its endings."""
    return path.resolve().name.split(".")[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaderboard", description=__doc__)
    parser.add_argument("data", type=Path, help="what `make import` takes: a file or a folder")
    parser.add_argument("--name", help="of the data set; its file's without")
    parser.add_argument("--models", help=f"comma list; all without: {', '.join(MODELS)}")
    parser.add_argument("--docs", action="store_true", help="into docs/quality.md, not into data/")
    parser.add_argument("--measure", metavar="MODEL", help=argparse.SUPPRESS)
    return parser


def split_arguments(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What comes before `--` is for this program, what comes after it for the import."""
    if "--" not in arguments:
        return arguments, ()
    cut = arguments.index("--")
    return arguments[:cut], arguments[cut + 1 :]


if __name__ == "__main__":
    main()
