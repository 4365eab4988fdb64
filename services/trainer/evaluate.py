"""Evaluates models on the data in the database, beside the baselines; publishes nothing.

python -m services.trainer.evaluate [--models als,ease] [--split last|time|random] [--test FILE]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from services.trainer.settings import TrainerSettings
from shared.database.engine import open_database
from shared.jobs import run_job

SPLITS = ("last", "time", "random")


def main(argv: Sequence[str] | None = None) -> None:
    """The program with `argv`, by default that of the process."""
    arguments = _parser().parse_args(argv)
    fraction = {} if arguments.fraction is None else {"holdout_fraction": arguments.fraction}
    settings = TrainerSettings.load(**fraction)
    engine = open_database(settings.database())
    # Imported here: torch takes seconds, and a wrong setting or a server that is away needs none.
    from services.trainer.comparison.evaluate_models import EvaluationRequest, evaluate_models
    from services.trainer.comparison.report import as_text
    from services.trainer.data.reading import read_dataset

    request = EvaluationRequest(arguments.models, arguments.split, arguments.test, arguments.k)
    dataset = read_dataset(engine, settings.weighting, settings.named)
    comparison = evaluate_models(dataset, request, settings)
    sys.stdout.write(as_text(comparison) + "\n")
    if arguments.json is not None:
        text = json.dumps(comparison.as_json(), indent=2)
        arguments.json.write_text(text + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.trainer.evaluate", description=(__doc__ or "").partition("\n")[0]
    )
    add = parser.add_argument
    add("--models", type=_names, metavar="A,B", help="which; those of MODEL=auto without")
    add("--split", choices=SPLITS, default="last", help="of each user, in time, or at random")
    add("--fraction", type=float, help="how much is held out (HOLDOUT_FRACTION)")
    add(
        "--test",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="hold out the pairs that it names (user id, item id, …); again for more folds",
    )
    add("--k", type=_places, default=(5, 10, 20), metavar="K,K", help="places of a list (5,10,20)")
    add("--json", type=Path, metavar="PATH", help="write all figures there too")
    return parser


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _places(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers from 1, such as 5,10")
    return tuple(map(int, parts))


if __name__ == "__main__":
    run_job(main)
