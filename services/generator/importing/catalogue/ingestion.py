"""Descriptions of items or users out of a file into the database: the good rows go in, the bad ones
are written down."""

import datetime as dt
import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy.engine import Engine

from services.generator.importing.catalogue.plan import CataloguePlan
from services.generator.importing.catalogue.preview import preview, summary
from services.generator.importing.catalogue.roles import Subject
from services.generator.importing.catalogue.rows import Description, DescriptionParser, merged
from services.generator.importing.catalogue.survey import id_hashes
from services.generator.importing.catalogue.tally import CatalogueTally
from services.generator.importing.catalogue.writing import CatalogueWriter
from services.generator.importing.ingestion import ERASED, require_good_rows
from services.generator.importing.reading.table import Reject, Table
from services.generator.importing.writing.load import beginning
from services.generator.importing.writing.rejects import Rejects
from services.generator.loads.record import (
    Kind,
    Load,
    abandon_load,
    finish_load,
    interrupted_loads,
    new_load,
)
from services.generator.loads.replaced import ReplacedItems, forget_what_no_load_needs
from shared.progress import progress

logger = logging.getLogger(__name__)

BATCH_ROWS = 2_000  # a transaction each


def describe(
    table: Table,
    plan: CataloguePlan,
    engine: Engine,
    artifact_dir: Path,
    now: dt.datetime,
    *,
    allow_rejects: bool = False,
) -> CatalogueTally:
    """Read the file from end to end and write what it says that is not known yet.

    Raises OpenQuestions before anything is written; NothingImported where no row is good, and
    TableError where the file breaks off: what was read until then stays. TooManyRejected at the
    end, where too many rows are bad and nobody allows it; the good ones are in then.
    """
    for line in preview(table, plan):
        logger.info(line)
    for warning in plan.warnings:
        logger.warning("WARNING: %s", warning)
    plan.require_answers()
    load = _begin(engine, table, plan, now)
    with Rejects(artifact_dir / "rejects", table.name, now) as rejects:
        replaced = _what_is_replaced(engine, plan, load, artifact_dir)
        writer = CatalogueWriter(engine, plan.subject, load, now, replaced)
        tally = _take_in(table, plan, writer, rejects)
    if tally.rejected == tally.read:
        abandon_load(engine, load)
    else:
        there = tally.unchanged + tally.repeated
        finish_load(engine, load, max(there - load.rows_before, 0), tally.rejected)
    for line in summary(table, plan, tally):
        logger.info(line)
    if rejects.first:
        logger.warning("rejected rows are in %s: %s", rejects.path, rejects.examples())
    columns = str(plan.columns.recognition)
    require_good_rows(table.name, columns, tally, rejects, allow_rejects=allow_rejects)
    return tally


def rehearse(
    table: Table, plan: CataloguePlan, engine: Engine | None, now: dt.datetime
) -> tuple[CatalogueTally, Rejects]:
    """What `describe` would do, with nothing written; `engine` is None where no database is.

    Raises OpenQuestions.
    """
    plan.require_answers()
    rejects = Rejects(None, table.name, now)
    writer = CatalogueWriter(engine, plan.subject, None, now)
    return _take_in(table, plan, writer, rejects), rejects


def _take_in(
    table: Table, plan: CataloguePlan, writer: CatalogueWriter, rejects: Rejects
) -> CatalogueTally:
    """Hand what the good rows say to `writer`, and the others to `rejects`."""
    parser, tally = DescriptionParser(plan), CatalogueTally()
    several: dict[str, Description] = {}  # of ids with several rows, which say one thing together
    done = 0
    with progress("reading", table.size, table.unit) as advance:
        for batch in table.batches(BATCH_ROWS, parser.columns, one_line=parser.one_line):
            described, bad = parser.parse(batch, table.name)
            tally.read += len(described) + len(bad)
            rejects.add_all(bad)
            _write(writer, _put_aside(described, several, plan), table, tally, rejects)
            advance(batch.done - done)
            done = batch.done
    together = iter(several.values())
    while described := list(islice(together, BATCH_ROWS)):
        _write(writer, described, table, tally, rejects)
    tally.rejected = rejects.counts[table.name]
    tally.reasons = rejects.reasons.get(table.name, tally.reasons)
    tally.erased = tally.reasons[ERASED.kind]
    tally.cuts, tally.categories = parser.cuts, parser.categories
    return tally


def _put_aside(
    described: Sequence[Description], several: dict[str, Description], plan: CataloguePlan
) -> list[Description]:
    """Descriptions of which other rows say something too go into `several`; the others."""
    if not plan.survey.repeating:
        return list(described)
    alone = []
    hashes = id_hashes([d.id for d in described]).tolist()
    for description, hash_ in zip(described, hashes, strict=True):
        if hash_ not in plan.survey.repeating:
            alone.append(description)
            continue
        earlier = several.get(description.id)
        several[description.id] = merged(earlier, description) if earlier else description
    return alone


def _write(
    writer: CatalogueWriter,
    described: Sequence[Description],
    table: Table,
    tally: CatalogueTally,
    rejects: Rejects,
) -> None:
    if not described:
        return
    written = writer.write(described)
    tally.add(described, written)
    # Nothing of the row of a user who was erased is written down again.
    rejects.add_all(
        Reject(table.name, line, ERASED, "")
        for description in described
        if description.id in written.erased
        for line in description.lines
    )


def _what_is_replaced(
    engine: Engine, plan: CataloguePlan, load: Load, artifact_dir: Path
) -> ReplacedItems | None:
    """Where what this load replaces is kept."""
    if plan.subject is not Subject.ITEMS:
        return None
    with engine.connect() as connection:
        forget_what_no_load_needs(connection, artifact_dir)
    return ReplacedItems(artifact_dir, load.load_id, load.started_at)


def _begin(engine: Engine, table: Table, plan: CataloguePlan, now: dt.datetime) -> Load:
    """The interrupted import of the same file, to be taken up again, or a new one."""
    settings = {
        "source": table.name,
        "beginning": beginning(table.path),
        **plan.options.to_remember(),
    }
    kind: Kind = plan.subject.value
    with engine.begin() as connection:
        for load in interrupted_loads(connection, kind):
            if load.settings == settings:
                return load
        return new_load(connection, kind, settings, None, now)
