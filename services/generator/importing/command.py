"""`python -m services.generator import PATH`: its arguments, and what they set off."""

import argparse
import datetime as dt
import logging
import math
import sys
import zoneinfo
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from services.generator.importing.cost import estimate
from services.generator.importing.events.names import plain_name
from services.generator.importing.events.options import EventOptions
from services.generator.importing.events.roles import EVENT_ROLES
from services.generator.importing.ingestion import (
    LARGEST_REJECTED_SHARE,
    holds_a_good_row,
    ingest,
    rehearse,
    require_good_rows,
)
from services.generator.importing.preview import preview, summary, warning_lines
from services.generator.importing.reading.numbers import DECIMALS
from services.generator.importing.reading.times import TimeFormat
from services.generator.importing.source import Source, open_source
from services.generator.importing.writing.dry_run import existing_tables
from services.generator.settings import GeneratorSettings
from shared.database import tables
from shared.database.engine import connect, describe, open_database
from shared.database.rating_scale import RatingScale
from shared.database.storage import empty

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `import` on the command line."""
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="a MovieLens folder, or a file: CSV, JSON lines (both gzip too) or Parquet",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="read everything, say what would go in and what would not, and write nothing",
    )
    _add_columns(parser)
    _add_readings(parser)
    parser.add_argument(
        "--allow-rejects",
        action="store_true",
        help=f"end well where more than {LARGEST_REJECTED_SHARE * 100:g} %% of the rows are bad",
    )
    parser.add_argument(
        "--reset", action="store_true", help="empty the database first: everything in it is lost"
    )


def _add_columns(parser: argparse.ArgumentParser) -> None:
    for role in EVENT_ROLES:
        parser.add_argument(
            f"--{role.name}",
            metavar="COLUMN",
            help=f"the {role.name}'s column, where its name is not usual: its name, or its number "
            "from 0 in a file without a header",
        )
    parser.add_argument(
        "--ignore",
        metavar="COLUMN",
        action="append",
        default=[],
        help="a column that is not to be read; may be given several times",
    )


def _add_readings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale",
        type=_scale,
        metavar="MIN:MAX",
        help="the lowest and the highest rating; others are rejected (negative: --scale=-10:10)",
    )
    parser.add_argument("--event-type", metavar="TYPE", help="what every row of the file is")
    parser.add_argument(
        "--map",
        type=_mapping,
        default={},
        metavar="NAME=TYPE,…",
        help="what names of events in the file mean: addtocart=cart,transaction=purchase",
    )
    add_reading_options(parser)


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """How cells are read, in files of events and of what describes a catalogue."""
    parser.add_argument(
        "--time-format",
        choices=[format_.value for format_ in TimeFormat],
        help="how times are written, where the column does not tell",
    )
    parser.add_argument(
        "--time-zone",
        type=time_zone,
        default=dt.UTC,
        metavar="ZONE",
        help="of times that name no offset, such as Europe/Berlin; default: UTC",
    )
    parser.add_argument(
        "--decimal", choices=DECIMALS, help="the decimal sign, where the columns do not tell"
    )
    parser.add_argument(
        "--encoding", help="of a text file; default: UTF-8, and Windows-1252 where it is not UTF-8"
    )


def run(arguments: argparse.Namespace, settings: GeneratorSettings) -> None:
    """Import what the arguments name; errors for people are SommelierErrors."""
    source = open_source(arguments.path, _options(arguments, settings))
    now = dt.datetime.now(dt.UTC)
    if arguments.dry_run:
        _say_what_would_happen(source, settings.database(), now, arguments)
        return
    engine = open_database(settings.database())
    try:
        # What is there is given up only for something.
        if arguments.reset and holds_a_good_row(source, now):
            empty(engine)
        _warn_of_generated_data(engine)
        rejects_folder = settings.artifact_dir / "rejects"
        ingest(source, engine, rejects_folder, now, allow_rejects=arguments.allow_rejects)
    finally:
        engine.dispose()


def _options(arguments: argparse.Namespace, settings: GeneratorSettings) -> EventOptions:
    columns = {role.name: getattr(arguments, role.name) for role in EVENT_ROLES}
    return EventOptions(
        columns={role: column for role, column in columns.items() if column is not None},
        ignored=tuple(arguments.ignore),
        scale=arguments.scale,
        event_type=arguments.event_type,
        mapping=arguments.map,
        time_format=arguments.time_format and TimeFormat(arguments.time_format),
        zone=arguments.time_zone,
        decimal=arguments.decimal,
        encoding=arguments.encoding,
        known_types=settings.event_weights,
    )


def _say_what_would_happen(
    source: Source, url: URL, now: dt.datetime, arguments: argparse.Namespace
) -> None:
    """The whole report on standard output; the same errors as the import, questions first."""
    print_lines(preview(source))
    print_lines(warning_lines(source))
    source.plan.require_answers()
    with database_as_it_is(url) as engine:
        tally, rejects = rehearse(source, engine, now, emptied=arguments.reset)
        cost = estimate(engine, url.get_backend_name(), tally.read, tally.added)
    emptied = ", emptied first" if arguments.reset else ""
    print_lines([f"This would happen in {describe(url)}{emptied}; nothing was written."])
    print_lines(summary(source, tally))
    if rejects.first:
        print_lines([f"  the first of them: {rejects.examples()}"])
    print_lines([f"  it would take {cost}"])
    require_good_rows(
        source.table.name,
        str(source.plan.recognition),
        tally,
        rejects,
        allow_rejects=arguments.allow_rejects,
    )


def print_lines(lines: Iterable[str]) -> None:
    """On standard output."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


@contextmanager
def database_as_it_is(url: URL) -> Iterator[Engine | None]:
    """The database without a change, not even SQLite's migration; None where it is not there."""
    in_file = url.get_backend_name() == "sqlite"
    if in_file and not Path(url.database or "").exists():
        yield None
        return
    engine = connect(url) if in_file else open_database(url)
    try:
        yield engine if existing_tables(engine) else None
    finally:
        engine.dispose()


def _warn_of_generated_data(engine: Engine) -> None:
    generated = sa.select(tables.loads.c.id).where(tables.loads.c.kind == "generate").limit(1)
    with engine.connect() as connection:
        if connection.scalar(generated) is not None:
            logger.warning(
                "the database also holds generated data: make imports lists it, and make "
                "import-undo takes it out again (--reset would replace everything)"
            )


def _scale(text: str) -> RatingScale:
    lowest, _, highest = text.partition(":")
    try:
        scale = RatingScale(float(lowest), float(highest))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not MIN:MAX, such as 1:5") from None
    if not -math.inf < scale.lowest < scale.highest < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' does not rise from MIN to MAX, such as 1:5")
    return scale


def _mapping(text: str) -> dict[str, str]:
    pairs = [part.rpartition("=") for part in text.split(",") if part.strip()]
    if not pairs or any(not name.strip() or not type_.strip() for name, _, type_ in pairs):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=TYPE,NAME=TYPE")
    return {plain_name(name): plain_name(type_) for name, _, type_ in pairs}


def time_zone(text: str) -> dt.tzinfo:
    """The time zone that an argument names."""
    try:
        return zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no time zone, such as Europe/Berlin"
        ) from None
