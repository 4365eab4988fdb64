"""Real data into the database: the good rows go in, the bad ones are written down."""

import datetime as dt
import logging
from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import Engine

from services.generator.importing.events.rows import EventParser, Events
from services.generator.importing.preview import preview, summary
from services.generator.importing.reading.table import Batch, Problem, Reject
from services.generator.importing.source import Source
from services.generator.importing.tally import Tally
from services.generator.importing.writing.dry_run import DryRun
from services.generator.importing.writing.load import ImportLoad
from services.generator.importing.writing.rejects import Rejects
from services.generator.importing.writing.sink import Sink
from shared.errors import SommelierError
from shared.progress import progress

logger = logging.getLogger(__name__)

BATCH_ROWS = 5_000  # a transaction each
LARGEST_REJECTED_SHARE = 0.01
ERASED = Problem("its user was erased", "its user was erased")


class NothingImported(SommelierError):
    """A source none of whose rows could be read."""


class TooManyRejected(SommelierError):
    """A source of whose rows more than LARGEST_REJECTED_SHARE are bad."""


def ingest(
    source: Source,
    engine: Engine,
    rejects_folder: Path,
    now: dt.datetime,
    *,
    allow_rejects: bool = False,
) -> Tally:
    """Read the source from end to end and add what is not in the database yet.

    Raises OpenQuestions before anything is written; NothingImported where no row is good, and
    TableError where the file breaks off: what was read until then stays. TooManyRejected at the
    end, where more rows than LARGEST_REJECTED_SHARE are bad and nobody allows it; the good ones
    are in then.
    """
    for line in preview(source, short=True):
        logger.info(line)
    for warning in source.plan.warnings:
        logger.warning("WARNING: %s", warning)
    source.plan.require_answers()
    load = ImportLoad(engine, source, now)
    with Rejects(rejects_folder, source.table.name, now) as rejects:
        tally = take_in(source, load, rejects, now)
    if tally.rejected == tally.read:
        load.abandon()
    else:
        load.finish(tally.there, tally.rejected)
    _report(source, tally, rejects)
    require_good_rows(
        source.table.name,
        str(source.plan.recognition),
        tally,
        rejects,
        allow_rejects=allow_rejects,
    )
    return tally


def rehearse(
    source: Source, engine: Engine | None, now: dt.datetime, *, emptied: bool = False
) -> tuple[Tally, Rejects]:
    """What `ingest` would do, with nothing written; `engine` is None where no database is, and
    `emptied` says that it would be emptied first."""
    rejects = Rejects(None, source.table.name, now)
    return take_in(source, DryRun(engine, emptied=emptied), rejects, now), rejects


def take_in(source: Source, sink: Sink, rejects: Rejects, now: dt.datetime) -> Tally:
    """Hand all good rows to `sink`, and all others to `rejects`."""
    table, parser, tally = source.table, EventParser(source.plan, now), Tally()
    done = 0
    _take_in_catalogue(source, sink, rejects)
    with progress("reading", table.size, table.unit) as advance:
        for batch in table.batches(BATCH_ROWS, parser.columns, one_line=parser.columns):
            events, bad = parser.parse(batch, table.name)
            tally.read += len(events) + len(bad)
            if len(events):
                added = sink.add(events)
                erased = _of_erased(batch, events, added.erased, table.name)
                tally.added += added.new
                tally.there += len(events) - len(erased) - added.new
                tally.see(_without(events, added.erased))
                bad = sorted([*bad, *erased], key=lambda reject: reject.line)
            rejects.add_all(bad)
            advance(batch.done - done)
            done = batch.done
    tally.rejected = rejects.counts[table.name]
    tally.erased = rejects.reasons.get(table.name, tally.reasons)[ERASED.kind]
    tally.unknown_events = parser.unknown_events
    tally.reasons = rejects.reasons.get(table.name, tally.reasons)
    tally.repeats = sink.repeats
    tally.users, tally.new_users = sink.users.different, sink.users.new
    tally.items, tally.new_items = sink.items.different, sink.items.new
    return tally


def holds_a_good_row(source: Source, now: dt.datetime) -> bool:
    """Whether `ingest` would add anything, read up to the first good row."""
    source.plan.require_answers()
    parser = EventParser(source.plan, now)
    batches = source.table.batches(BATCH_ROWS, parser.columns, one_line=parser.columns)
    return any(len(parser.parse(batch, source.table.name)[0]) for batch in batches)


class Counts(Protocol):
    """How many rows there were, and how many of them were bad."""

    @property
    def read(self) -> int:
        """All of them."""

    @property
    def rejected(self) -> int:
        """Those that stay out."""

    @property
    def erased(self) -> int:
        """Those of them that are good, but of users who were erased."""

    @property
    def bad_share(self) -> float:
        """The share of the others among all."""


def require_good_rows(
    file: str, columns: str, tally: Counts, rejects: Rejects, *, allow_rejects: bool
) -> None:
    """NothingImported where no row of the file is good, TooManyRejected where more are bad than may
    be without a word; `columns` says which of them are read for what."""
    where = f" All of them, with reasons, are in {rejects.path}." if rejects.path else ""
    if tally.read == 0:
        raise NothingImported(f"{file} has a header and no rows.")
    if tally.rejected == tally.read:
        raise NothingImported(
            f"None of the {tally.read:,} rows of {file} could be imported "
            f"({columns}): {rejects.examples()}.{where}"
        )
    if tally.bad_share > LARGEST_REJECTED_SHARE and not allow_rejects:
        raise TooManyRejected(
            f"{tally.rejected - tally.erased:,} of the {tally.read:,} rows of {file} are "
            f"rejected, more than {LARGEST_REJECTED_SHARE:.0%}. The good rows are not held back by "
            "them. Mend the file or say how it is to be read, and import it again (nothing "
            "doubles), or add --allow-rejects."
        )


def _take_in_catalogue(source: Source, sink: Sink, rejects: Rejects) -> None:
    for file in source.catalogue:
        entries = file.entries()
        while block := list(islice(entries, BATCH_ROWS)):
            sink.describe([entry for entry in block if not isinstance(entry, Reject)])
            rejects.add_all(entry for entry in block if isinstance(entry, Reject))


def _of_erased(batch: Batch, events: Events, erased: Collection[str], file: str) -> list[Reject]:
    """The rows of users who were erased; nothing of a row itself is written down again."""
    return [
        Reject(file, batch.lines[row], ERASED, "")
        for row, user in zip(events.rows, events.users, strict=True)
        if user in erased
    ]


def _without(events: Events, erased: Collection[str]) -> Events:
    if not erased:
        return events
    return events.among([n for n, user in enumerate(events.users) if user not in erased])


def _report(source: Source, tally: Tally, rejects: Rejects) -> None:
    for line in summary(source, tally):
        logger.info(line)
    if rejects.first:
        logger.warning("rejected rows are in %s: %s", rejects.path, rejects.examples())
