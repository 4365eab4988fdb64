"""Memory and seconds of a training, by the size of the data and the model.

    python -m benchmarks.memory [--sizes USERSxITEMSxROWS,…] [--models A,B] [--docs]

For each size data is generated into SQLite, and each model trained by `python -m services.trainer`
with MODEL set to its name, in a process of its own whose largest resident size is the peak. The
table is printed and kept in data/memory.md; --docs puts it into docs/operations.md instead.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks import report
from benchmarks.pages import Section, table, table_row, write
from benchmarks.processes import Run, run
from benchmarks.quality.embedded import environment_in
from services.trainer.models import MODELS, ease
from services.trainer.settings import TrainerSettings

# No import of torch here: a process's peak is at least what this one holds when it starts it.

NAMES = (*MODELS, "auto")
ITEM_ITEM = {name for name, model in MODELS.items() if issubclass(model.Settings, ease.Settings)}
"""Those with a weight for each pair of items."""

HEADINGS = ("rows", "users", "items", "`MODEL`", "seconds", "peak, MiB")


class Size(NamedTuple):
    """How much is generated."""

    users: int
    items: int
    rows: int

    @classmethod
    def parse(cls, text: str) -> "Size":
        """From USERSxITEMSxROWS; ValueError, which argparse puts in words, for anything else."""
        users, items, rows = (int(part) for part in text.split("x"))
        return cls(users, items, rows)


SIZES = (
    Size(1_000, 600, 50_000),
    Size(6_000, 2_000, 300_000),
    Size(12_000, 17_384, 335_000),
    Size(6_000, 3_700, 1_000_000),
)


def main() -> None:
    arguments = _parser().parse_args()
    lines = report.printed(_lines(arguments.sizes or SIZES, arguments.models))
    text, section = "\n".join(lines), Section.named("operations.md", "memory")
    path = write(text, "memory", section, into_docs=arguments.docs)
    print(f"Written to {path}.", file=sys.stderr)


def _lines(sizes: Sequence[Size], models: Sequence[str]) -> Iterator[str]:
    """The machine, the headings, and each row as soon as it is measured."""
    yield f"{report.machine()}, {TrainerSettings().threads} threads.\n\n{table(HEADINGS, [])}"
    for size in sizes:
        for measured in measure(size, models):
            yield table_row(_row(*measured))


def measure(size: Size, models: Sequence[str]) -> Iterator[tuple[Size, str, Run | None]]:
    """A training of each model on generated data of this size.

    None for an item-item model that EASE_MAX_ITEMS keeps from being a candidate.
    """
    most_items = TrainerSettings().ease_max_items
    with TemporaryDirectory() as scratch:
        environment = environment_in(Path(scratch))
        run(environment, "-m", "services.generator", "generate", *_options(size))
        for model in models:
            if model in ITEM_ITEM and size.items > most_items:
                yield size, model, None
            else:
                trained = run(environment | {"MODEL": model}, "-m", "services.trainer")
                yield size, model, trained


def _options(size: Size) -> Iterator[str]:
    for name, count in zip(("users", "items", "interactions"), size, strict=True):
        yield from (f"--{name}", str(count))


def _row(size: Size, model: str, trained: Run | None) -> list[str]:
    figures = (
        ["too many items", ""]
        if trained is None
        else [f"{trained.seconds:.0f}", f"{trained.peak_mib:,.0f}"]
    )
    return [f"{size.rows:,}", f"{size.users:,}", f"{size.items:,}", model, *figures]


def _models(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"no such model: {', '.join(sorted(unknown))}")
    return names


def _sizes(text: str) -> list[Size]:
    return [Size.parse(part) for part in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", type=_sizes, metavar="USERSxITEMSxROWS,…", help="default: four")
    parser.add_argument(
        "--models", type=_models, default=NAMES, help=f"comma list; default: {', '.join(NAMES)}"
    )
    parser.add_argument("--docs", action="store_true", help="write into docs/operations.md")
    return parser


if __name__ == "__main__":
    main()
