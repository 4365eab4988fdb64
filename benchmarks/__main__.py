"""Speed and memory of training, serving, events, reaction and lists of all users, as a table.

    python -m benchmarks [NAME…] [--ml-100k FOLDER] [--docs]

Without a name all are run; `ml_100k` needs the folder of MovieLens 100K. The table is printed and
kept in data/bench.md; --docs puts that of all benchmarks into docs/benchmarks.md instead.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.pages import Section, write
from benchmarks.report import Row
from benchmarks.speed import (
    batch,
    filters,
    importing,
    ingest,
    reaction,
    request_cost,
    serving,
    training,
)


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    arguments = parser.parse_args(argv)
    benchmarks = _benchmarks(arguments.ml_100k)
    unknown = set(arguments.names) - set(benchmarks)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)} (ml_100k needs --ml-100k FOLDER)")
    if arguments.docs and (arguments.names or "ml_100k" not in benchmarks):
        parser.error("--docs replaces the whole table: it needs --ml-100k FOLDER and no names")
    names = arguments.names or benchmarks
    lines = report.printed(_lines(row for name in names for row in benchmarks[name]()))
    text, section = "\n".join(lines), Section.named("benchmarks.md", "bench")
    path = write(text, "bench", section, into_docs=arguments.docs)
    print(f"Written to {path}.", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="which to run; all without one")
    parser.add_argument("--ml-100k", type=Path, help="folder of MovieLens 100K, with u.data")
    parser.add_argument(
        "--docs", action="store_true", help="into docs/benchmarks.md, not into data/"
    )
    return parser


def _benchmarks(ml_100k_folder: Path | None) -> dict[str, Callable[[], list[Row]]]:
    benchmarks: dict[str, Callable[[], list[Row]]] = {
        "training": training.rows,
        "serving": serving.rows,
        "ingest": ingest.rows,
        "importing": importing.rows,
        "reaction": reaction.rows,
        "batch": batch.rows,
        "request_cost": request_cost.rows,
        "filters": filters.rows,
    }
    if ml_100k_folder is not None:
        benchmarks["ml_100k"] = lambda: _ml_100k(ml_100k_folder)
    return benchmarks


def _ml_100k(folder: Path) -> list[Row]:
    from benchmarks.speed import ml_100k  # it imports Surprise, which no other row needs

    return ml_100k.rows(folder)


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    """The machine, the headings, and each row as soon as it is measured."""
    yield f"{report.machine()}\n\n{report.HEADER}"
    yield from (row.markdown() for row in rows)


if __name__ == "__main__":
    main()
