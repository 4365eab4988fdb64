"""`python -m services.generator import-items PATH` and `… import-users PATH`: their arguments, and
what they set off."""

import argparse
import datetime as dt
from pathlib import Path

from services.generator.importing.catalogue.attribute_types import AttributeType
from services.generator.importing.catalogue.categories import NO_SEPARATOR
from services.generator.importing.catalogue.ingestion import describe, rehearse
from services.generator.importing.catalogue.options import CatalogueOptions
from services.generator.importing.catalogue.plan import CataloguePlan, make_plan
from services.generator.importing.catalogue.preview import preview, summary, warning_lines
from services.generator.importing.catalogue.roles import SEVERAL, Subject
from services.generator.importing.command import (
    add_reading_options,
    database_as_it_is,
    print_lines,
)
from services.generator.importing.ingestion import LARGEST_REJECTED_SHARE, require_good_rows
from services.generator.importing.reading.files import open_table
from services.generator.importing.reading.table import Table
from services.generator.importing.reading.times import TimeFormat
from services.generator.settings import GeneratorSettings
from shared.database.engine import describe as describe_database
from shared.database.engine import open_database


def add_arguments(parser: argparse.ArgumentParser, subject: Subject) -> None:
    """What follows `import-items` or `import-users` on the command line."""
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="a file: CSV, JSON lines (both gzip too) or Parquet",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="read everything, say what would become of it, and write nothing",
    )
    _add_columns(parser, subject)
    _add_readings(parser, subject)
    parser.add_argument(
        "--keep-empty",
        action="store_true",
        help="an empty cell leaves what is known as it is; otherwise it takes it away",
    )
    parser.add_argument(
        "--allow-rejects",
        action="store_true",
        help=f"end well where more than {LARGEST_REJECTED_SHARE * 100:g} %% of the rows are bad",
    )


def _add_columns(parser: argparse.ArgumentParser, subject: Subject) -> None:
    for role in subject.roles:
        several = "; may be given several times" if role.name in SEVERAL else ""
        parser.add_argument(
            f"--{role.name}",
            metavar="COLUMN",
            action="append",
            default=[],
            help=f"the {role.name}'s column, where its name is not usual: its name, or its number "
            f"from 0 in a file without a header{several}",
        )
    parser.add_argument(
        "--attribute",
        metavar="NAME=COLUMN",
        type=_pair,
        action="append",
        default=[],
        help="a column that is an attribute of this name; may be given several times",
    )
    parser.add_argument(
        "--ignore",
        metavar="COLUMN",
        action="append",
        default=[],
        help="a column that is to be left out; may be given several times",
    )


def _add_readings(parser: argparse.ArgumentParser, subject: Subject) -> None:
    types = ", ".join(type_.value for type_ in AttributeType)
    parser.add_argument(
        "--type",
        metavar="COLUMN=TYPE",
        type=_typed_column,
        action="append",
        default=[],
        help=f"what an attribute's column holds, where it is not what it looks like: {types}",
    )
    if subject is Subject.ITEMS:
        parser.add_argument(
            "--categories-separator",
            metavar="TEXT",
            help="what stands between the categories of a cell, where the column does not tell; "
            f"'{NO_SEPARATOR}': each cell is one",
        )
        parser.add_argument(
            "--inactive",
            metavar="WORD",
            action="append",
            default=[],
            help="a word of the active column that counts as false; with it all words that are not "
            "known count as true",
        )
    add_reading_options(parser)


def run(arguments: argparse.Namespace, settings: GeneratorSettings, subject: Subject) -> None:
    """Import what the arguments name; errors for people are SommelierErrors."""
    options = _options(arguments, subject)
    asked = [column for columns in options.asked().values() for column in columns]
    table = open_table(arguments.path, asked, options.encoding)
    plan = make_plan(table, subject, options)
    now = dt.datetime.now(dt.UTC)
    if arguments.dry_run:
        _say_what_would_happen(table, plan, settings, now, arguments.allow_rejects)
        return
    engine = open_database(settings.database())
    try:
        describe(
            table, plan, engine, settings.artifact_dir, now, allow_rejects=arguments.allow_rejects
        )
    finally:
        engine.dispose()


def _options(arguments: argparse.Namespace, subject: Subject) -> CatalogueOptions:
    columns = {role.name: tuple(getattr(arguments, role.name)) for role in subject.roles}
    return CatalogueOptions(
        columns={role: names for role, names in columns.items() if names},
        ignored=tuple(arguments.ignore),
        attributes=dict(arguments.attribute),
        types=dict(arguments.type),
        separator=getattr(arguments, "categories_separator", None),
        inactive=tuple(getattr(arguments, "inactive", ())),
        keep_empty=arguments.keep_empty,
        time_format=arguments.time_format and TimeFormat(arguments.time_format),
        zone=arguments.time_zone,
        decimal=arguments.decimal,
        encoding=arguments.encoding,
    )


def _say_what_would_happen(
    table: Table,
    plan: CataloguePlan,
    settings: GeneratorSettings,
    now: dt.datetime,
    allow_rejects: bool,
) -> None:
    """The whole report on standard output; the same errors as the import, questions first."""
    print_lines(preview(table, plan))
    print_lines(warning_lines(plan))
    plan.require_answers()
    url = settings.database()
    with database_as_it_is(url) as engine:
        tally, rejects = rehearse(table, plan, engine, now)
    print_lines([f"This would happen in {describe_database(url)}; nothing was written."])
    print_lines(summary(table, plan, tally))
    if rejects.first:
        print_lines([f"  the first of them: {rejects.examples()}"])
    columns = str(plan.columns.recognition)
    require_good_rows(table.name, columns, tally, rejects, allow_rejects=allow_rejects)


def _pair(text: str) -> tuple[str, str]:
    name, _, column = text.partition("=")
    if not name or not column:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=COLUMN")
    return name, column


def _typed_column(text: str) -> tuple[str, AttributeType]:
    column, _, name = text.rpartition("=")
    try:
        return column, AttributeType(name)
    except ValueError:
        types = ", ".join(type_.value for type_ in AttributeType)
        raise argparse.ArgumentTypeError(
            f"'{text}' is not COLUMN=TYPE with one of {types}"
        ) from None
