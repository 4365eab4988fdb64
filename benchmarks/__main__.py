"""Measures what the documentation claims and prints it as a table.

    python -m benchmarks [NAME…] [--ml-100k FOLDER]

Without a name all are run; `ml_100k` needs the folder of MovieLens 100K.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import batch, ingest, ml_100k, reaction, report, serving, training
from benchmarks.report import Row


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="which to run; all without one")
    parser.add_argument("--ml-100k", type=Path, help="folder of MovieLens 100K, with u.data")
    arguments = parser.parse_args()

    benchmarks: dict[str, Callable[[], list[Row]]] = {
        "training": training.rows,
        "serving": serving.rows,
        "ingest": ingest.rows,
        "reaction": reaction.rows,
        "batch": batch.rows,
    }
    if arguments.ml_100k is not None:
        benchmarks["ml_100k"] = lambda: ml_100k.rows(arguments.ml_100k)
    unknown = set(arguments.names) - set(benchmarks)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)} (ml_100k needs --ml-100k FOLDER)")

    print(f"{report.machine()}\n\n{report.HEADER}", flush=True)
    for name in arguments.names or benchmarks:
        for row in benchmarks[name]():
            print(row.markdown(), flush=True)


if __name__ == "__main__":
    main()
