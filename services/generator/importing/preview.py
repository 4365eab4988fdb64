"""What is said of a file before its rows go in, and after."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from services.generator.importing.events.names import lines_to_write
from services.generator.importing.events.rows import EventParser
from services.generator.importing.reading.roles import Recognition
from services.generator.importing.reading.survey import HEAD_ROWS, Survey
from services.generator.importing.reading.table import Table
from services.generator.importing.source import Source
from services.generator.importing.tally import Tally
from shared.database.tables import from_epoch_ms

_MOST_REASONS = 30


def preview(source: Source, *, short: bool = False) -> Iterator[str]:
    """The file, how each of its columns is read and why, and what a sample of its rows is."""
    plan = source.plan
    yield from table_lines(source.table, source.name)
    if source.catalogue:
        files = ", ".join(file.path.name for file in source.catalogue)
        yield f"described by {files}: users and items get what these say of them"
    yield from column_lines(plan.recognition, plan.survey, plan.readings, short=short)
    if plan.recognition.column("event") is None:
        yield (
            f"every row is a {plan.event_type} (no column says what happened; another type: "
            "--event-type purchase)"
            if plan.options.event_type is None
            else f"every row is a {plan.event_type}, as --event-type says"
        )
    if plan.recognition.column("time") is None:
        yield "no row has a time: no column of times is read"
    if short and not plan.questions:
        yield from _sample_lines(source)


def table_lines(table: Table, name: str) -> Iterator[str]:
    """What the file is."""
    yield f"{name}: {table.format}"
    yield from (f"note: {note}" for note in table.notes)


def column_lines(
    recognition: Recognition, survey: Survey, readings: dict[str, str], *, short: bool = False
) -> Iterator[str]:
    """A line for each column: what it is read as and why, and three examples; in short only those
    that are read, and the names of the others."""
    unread = [use for use in recognition.uses if use.role is None]
    for use in recognition.uses:
        if use.role is None and short:
            continue
        role = use.role.name if use.role else "ignored"
        how = f"; {readings[use.name]}" if use.name in readings else ""
        yield f"  '{use.name}': {role} ({use.reason}{how}); {survey.examples(use.name)}"
    if short and unread:
        yield f"  not read: {', '.join(repr(use.name) for use in unread)}"


def warning_lines(source: Source) -> Iterator[str]:
    """What has to be said loudly."""
    yield from (f"WARNING: {warning}" for warning in source.plan.warnings)


def _sample_lines(source: Source) -> Iterator[str]:
    """What the first rows are; the end of the import counts all."""
    parser, tally = EventParser(source.plan, dt.datetime.now(dt.UTC)), Tally()
    head = source.plan.survey.head
    events, bad = parser.parse(head, source.table.name)
    tally.read, tally.rejected = len(events) + len(bad), len(bad)
    tally.see(events)
    if tally.read:
        yield (
            f"of the first {tally.read:,} rows ({HEAD_ROWS:,} at most) {tally.rejected:,} will be "
            "rejected; the others:"
        )
        yield from content_lines(source, tally)


def summary(source: Source, tally: Tally) -> Iterator[str]:
    """The counts at the end, the same for a dry run and an import."""
    counts = [f"{n:,}" for n in (tally.read, tally.added, tally.there, tally.rejected)]
    yield "{}: {} rows read, {} added, {} already there, {} rejected".format(source.name, *counts)
    yield from reason_lines(tally.reasons)
    yield from _unknown_event_lines(source, tally.unknown_events)
    yield from content_lines(source, tally)
    if tally.repeats:
        yield (
            f"  {tally.repeats:,} rows repeat an earlier row of the file word for word; each of "
            "them is an interaction of its own"
        )
    yield (
        f"  users: {tally.users:,}, {tally.new_users:,} of them new; items: {tally.items:,}, "
        f"{tally.new_items:,} of them new"
    )


def reason_lines(reasons: Counter[str]) -> Iterator[str]:
    """How many rows were rejected for which reason, the most frequent first."""
    for reason, count in reasons.most_common(_MOST_REASONS):
        yield f"  rejected {count:,}: {reason}"
    rest = reasons.total() - sum(count for _, count in reasons.most_common(_MOST_REASONS))
    if rest:
        yield f"  rejected {rest:,}: {len(reasons) - _MOST_REASONS:,} other reasons"


def _unknown_event_lines(source: Source, unknown: set[str]) -> Iterator[str]:
    if unknown:
        yield "  to take in events of these names, write:"
        for line in lines_to_write(unknown, source.plan.options.known_types):
            yield f"    {line}"


def content_lines(source: Source, tally: Tally) -> Iterator[str]:
    """What the good rows say."""
    types = ", ".join(f"{type_} {count:,}" for type_, count in tally.types.most_common())
    yield f"  events: {types or 'none'}"
    if source.plan.recognition.column("rating") is not None:
        scale = source.plan.options.scale
        declared = (
            "none declared (--scale MIN:MAX)" if scale is None else "{:g}:{:g}".format(*scale)
        )
        yield f"  ratings: {_between(tally.lowest, tally.highest)}; scale: {declared}"
    if source.plan.recognition.column("value") is not None:
        yield f"  values: {tally.values:,} rows have one"
    if source.plan.time_format is not None:
        yield f"  times: {_times(tally)}; {tally.untimed:,} rows without a time"


def _between(lowest: float | None, highest: float | None) -> str:
    return "none" if lowest is None or highest is None else f"{lowest:g} to {highest:g}"


def _times(tally: Tally) -> str:
    if tally.first_ms is None or tally.last_ms is None:
        return "none"
    first, last = (from_epoch_ms(ms) for ms in (tally.first_ms, tally.last_ms))
    return f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"
