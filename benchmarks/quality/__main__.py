"""How good the models are on public data and on generated data, a protocol at a time.

    python -m benchmarks.quality ROW… --data FOLDER [--seeds N] [--threads N]

Rows are named in ROWS; FOLDER holds the data sets as ml-100k, ml-1m, ml-latest-small, ncf-ml-1m and
amazon-magazines. What a user gets is measured: where a protocol ranks, the ranker is the one that
MODEL=auto takes on a validation part of the training data. Beside it stands each single model.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import report
from benchmarks.quality import fold_in, generated, lists, process, ratings, strangers
from benchmarks.quality.bench import Bench
from benchmarks.quality.lines import HEADER, Line

ROWS: dict[str, Callable[[Bench], Iterator[Line]]] = {
    "Q1": ratings.q1,
    "Q2": ratings.q2,
    "Q3": ratings.q3,
    "Q4": lists.q4,
    "Q6": lists.q6,
    "latest": lists.latest,
    "magazines": lists.magazines,
    "generated": generated.generated,
    "groups": generated.groups,
    "auto": process.auto,
    "fold-in": fold_in.fold_in,
    "strangers": strangers.strangers,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("rows", nargs="+", choices=ROWS, metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--data", type=Path, default=Path(), help="folder of the public data sets")
    parser.add_argument("--seeds", type=int, default=3, help="fits of a model that draws (3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of our models")
    arguments = parser.parse_args()
    bench = Bench(arguments.data, arguments.seeds, arguments.threads)
    print(f"{report.machine()}, {bench.threads} threads, {bench.seeds} seeds\n\n{HEADER}")
    for name in arguments.rows:
        for line in ROWS[name](bench):
            print(line.markdown(), flush=True)


if __name__ == "__main__":
    main()
