"""`python -m services.generator generate` or `… import PATH`: data into the database; out again by
`… undo LOAD`, with its number in `… loads`."""

import argparse
import logging
import sys
from collections.abc import Sequence

from services.generator.generating.generation import generate
from services.generator.generating.size import Size
from services.generator.importing import command as importing
from services.generator.importing.catalogue import command as describing
from services.generator.importing.catalogue.roles import Subject
from services.generator.settings import GeneratorSettings
from services.generator.undo import command as undoing
from shared.database.engine import open_database
from shared.errors import SommelierError
from shared.jobs import run_job

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> None:
    """Do what the command line asks for; errors for people are SommelierErrors."""
    settings = GeneratorSettings.load()
    parsed = _parser(settings).parse_args(arguments)
    match parsed.command:
        case "import":
            importing.run(parsed, settings)
        case "import-items":
            describing.run(parsed, settings, Subject.ITEMS)
        case "import-users":
            describing.run(parsed, settings, Subject.USERS)
        case "loads":
            undoing.print_loads(settings)
        case "undo":
            undoing.run(parsed, settings)
        case _:
            _generate(parsed, settings)


def _parser(settings: GeneratorSettings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.generator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    importing.add_arguments(commands.add_parser("import", help="real events from files"))
    for subject in Subject:
        described = commands.add_parser(
            f"import-{subject.value}", help=f"{subject.value} from a file"
        )
        describing.add_arguments(described, subject)
    commands.add_parser("loads", help="list what was generated and imported")
    undoing.add_arguments(commands.add_parser("undo", help="take one load out again"))
    generating = commands.add_parser("generate", help="made-up data with a known truth")
    for name, default in (
        ("users", settings.generate_users),
        ("items", settings.generate_items),
        ("interactions", settings.generate_interactions),
        ("seed", settings.generate_seed),
    ):
        generating.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help="default: %(default)s"
        )
    generating.add_argument(
        "--demo", action="store_true", help="for a first look: nothing where DEMO_DATA is off"
    )
    generating.add_argument(
        "--reset", action="store_true", help="empty the database first: everything in it is lost"
    )
    return parser


def _generate(parsed: argparse.Namespace, settings: GeneratorSettings) -> None:
    if parsed.demo and not settings.demo_data:
        logger.info("DEMO_DATA is off: nothing is generated.")
        return
    size = Size(parsed.users, parsed.items, parsed.interactions)
    if parsed.seed < 0:
        raise SommelierError(f"--seed {parsed.seed} is negative: use 0 or more.")
    engine = open_database(settings.database())
    try:
        generate(engine, settings.artifact_dir, size, parsed.seed, reset=parsed.reset)
    finally:
        engine.dispose()


if __name__ == "__main__":
    run_job(lambda: main(sys.argv[1:]))
