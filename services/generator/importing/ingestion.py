"""Real data into the database: the good rows go in, the bad ones are written down."""

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy.engine import Engine

from services.generator.importing.load import ImportLoad
from services.generator.importing.raw_rows import Reject, RowBatch
from services.generator.importing.rejects import Rejects
from services.generator.importing.rows import BadRow, ImportedInteraction, RowParser
from services.generator.importing.source import Source
from shared.errors import SommelierError
from shared.progress import progress

logger = logging.getLogger(__name__)

_BATCH_ROWS = 5_000  # a transaction each


class NothingImported(SommelierError):
    """A source none of whose rows could be read."""


def ingest(source: Source, engine: Engine, rejects_folder: Path, now: dt.datetime) -> None:
    """Read the source from end to end and add what is not in the database yet.

    Raises NothingImported where no row is good, TableError where the file breaks off: what was read
    until then stays.
    """
    logger.info("importing %s (%s)", source.name, source.table.columns)
    load = ImportLoad(engine, source, now)
    with Rejects(rejects_folder, source.table.name, now) as rejects:
        _add_catalogue(source, load, rejects)
        read = _add_interactions(source, load, rejects, RowParser(source.scale, now))
    rejected = rejects.counts[source.table.name]
    if rejected == read:
        load.abandon()
        raise NothingImported(_nothing_imported(source, read, rejects))
    load.finish()
    _log_summary(source.name, read, load.added, rejected)
    if rejects.first:
        logger.warning("rejected rows are in %s: %s", rejects.path, rejects.examples())


def holds_a_good_row(source: Source, now: dt.datetime) -> bool:
    """Whether `ingest` would add anything, read up to the first good row."""
    parser = RowParser(source.scale, now)
    return any(
        not isinstance(row, Reject)
        for batch in source.table.batches(_BATCH_ROWS)
        for row in _parsed(batch, parser, source.table.name)
    )


def _add_catalogue(source: Source, load: ImportLoad, rejects: Rejects) -> None:
    for file in source.catalogue:
        entries = file.entries()
        while block := list(islice(entries, _BATCH_ROWS)):
            load.describe([entry for entry in block if not isinstance(entry, Reject)])
            rejects.add_all(entry for entry in block if isinstance(entry, Reject))


def _add_interactions(source: Source, load: ImportLoad, rejects: Rejects, parser: RowParser) -> int:
    """How many rows there were, the rejected ones included."""
    table = source.table
    read = done = 0
    with progress("importing", table.size, table.unit) as advance:
        for batch in table.batches(_BATCH_ROWS):
            parsed = list(_parsed(batch, parser, table.name))
            erased = load.add([row for row in parsed if not isinstance(row, Reject)])
            rejects.add_all(row for row in parsed if isinstance(row, Reject))
            if erased:
                rejects.add_all(_of_erased(batch, parsed, erased, table.name))
            read += len(parsed)
            advance(batch.done - done)
            done = batch.done
    return read


def _parsed(
    batch: RowBatch, parser: RowParser, file: str
) -> Iterator[ImportedInteraction | Reject]:
    for row in batch.rows:
        if isinstance(row, Reject):
            yield row
            continue
        try:
            yield parser.parse(row.cells)
        except BadRow as error:
            yield Reject(file, row.line, str(error), row.text)


def _of_erased(
    batch: RowBatch, parsed: Sequence[ImportedInteraction | Reject], erased: set[str], file: str
) -> Iterator[Reject]:
    """The rows of users who were erased; nothing of a row itself is written down again."""
    for row, outcome in zip(batch.rows, parsed, strict=True):
        if isinstance(outcome, ImportedInteraction) and outcome.user_id in erased:
            yield Reject(file, row.line, "its user was erased", "")


def _log_summary(name: str, read: int, added: int, rejected: int) -> None:
    counts = [f"{count:,}" for count in (read, added, read - added - rejected, rejected)]
    logger.info("%s: %s rows read, %s added, %s already there, %s rejected", name, *counts)


def _nothing_imported(source: Source, read: int, rejects: Rejects) -> str:
    if read == 0:
        return f"{source.table.name} has a header and no rows."
    return (
        f"None of the {read:,} rows of {source.table.name} could be imported "
        f"({source.table.columns}): {rejects.examples()}. All of them, with reasons, are in "
        f"{rejects.path}."
    )
