"""`python -m services.generator loads` and `… undo LOAD`: their arguments, and what they do."""

import argparse
import logging
import sys
from collections.abc import Sequence

from services.generator.loads.listing import ListedLoad, as_table, list_loads
from services.generator.settings import GeneratorSettings
from services.generator.undo.choice import undo_of
from services.generator.undo.undo import Undo
from shared.database.engine import open_database
from shared.errors import SommelierError

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `undo` on the command line."""
    parser.add_argument("load", type=int, metavar="LOAD", help="its number in the list of loads")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would go, and change nothing"
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask; needed where nobody can answer"
    )


def print_loads(settings: GeneratorSettings) -> None:
    """List all loads on standard output."""
    engine = open_database(settings.database())
    try:
        with engine.connect() as connection:
            sys.stdout.write(as_table(list_loads(connection)))
    finally:
        engine.dispose()


def run(arguments: argparse.Namespace, settings: GeneratorSettings) -> None:
    """Undo the load that the arguments name; errors for people are SommelierErrors."""
    engine = open_database(settings.database())
    try:
        undo = undo_of(engine, settings.artifact_dir, arguments.load)
        name = f"load {undo.load.load_id} ({undo.load.kind} of {undo.load.source})"
        to_repeat = undo.loads_to_repeat()
        if arguments.dry_run or not arguments.yes:
            logger.info("with %s: %s", name, undo.extent())
        if not arguments.dry_run and (arguments.yes or _confirmed()):
            logger.info("%s is undone: %s", name, undo.carry_out())
            logger.info("models still know it until the next training (make retrain)")
        _name_loads_to_repeat(undo, to_repeat)
    finally:
        engine.dispose()


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise SommelierError("Nobody can be asked here: --yes undoes it without a question.")
    sys.stderr.write("Undo it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    raise SommelierError("Nothing was changed.")


def _name_loads_to_repeat(undo: Undo, to_repeat: Sequence[ListedLoad]) -> None:
    for load in to_repeat:
        logger.warning(
            "load %s (%s) found %s of its rows there already: those that came by load %s go with "
            "it, so import %s again",
            *(load.load_id, load.source, f"{load.rows_present:,}", undo.load.load_id, load.source),
        )
