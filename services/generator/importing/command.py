"""`python -m services.generator import PATH`: its arguments, and what they set off."""

import argparse
import datetime as dt
import logging
import math
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services.generator.importing.columns import Columns
from services.generator.importing.ingestion import holds_a_good_row, ingest
from services.generator.importing.source import open_source
from services.generator.settings import GeneratorSettings
from shared.database import tables
from shared.database.engine import open_database
from shared.database.rating_scale import RatingScale
from shared.database.storage import empty

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `import` on the command line."""
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="a MovieLens folder, or a CSV (gzip too) or Parquet file",
    )
    for role in ("user", "item", "rating", "time", "event"):
        parser.add_argument(
            f"--{role}",
            metavar="COLUMN",
            help=f"the {role}'s column: its name, or its number from 0 in a file without a header",
        )
    parser.add_argument(
        "--scale",
        type=_scale,
        metavar="MIN:MAX",
        help="the lowest and the highest rating; others are rejected (negative: --scale=-10:10)",
    )
    parser.add_argument(
        "--reset", action="store_true", help="empty the database first: everything in it is lost"
    )


def run(arguments: argparse.Namespace, settings: GeneratorSettings) -> None:
    """Import what the arguments name; errors for people are SommelierErrors."""
    columns = Columns(
        arguments.user, arguments.item, arguments.rating, arguments.time, arguments.event
    )
    source = open_source(arguments.path, columns, arguments.scale)
    engine = open_database(settings.database())
    now = dt.datetime.now(dt.UTC)
    try:
        # What is there is given up only for something.
        if arguments.reset and holds_a_good_row(source, now):
            empty(engine)
        _warn_of_generated_data(engine)
        ingest(source, engine, settings.artifact_dir / "rejects", now)
    finally:
        engine.dispose()


def _warn_of_generated_data(engine: Engine) -> None:
    generated = sa.select(tables.loads.c.id).where(tables.loads.c.kind == "generate").limit(1)
    with engine.connect() as connection:
        if connection.scalar(generated) is not None:
            logger.warning(
                "the database also holds generated data; --reset would replace it by this import"
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
