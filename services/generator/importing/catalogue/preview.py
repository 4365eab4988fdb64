"""What is said of a file of items or users before its rows go in, and after."""

from collections.abc import Iterator

from services.generator.importing.catalogue.plan import CataloguePlan
from services.generator.importing.catalogue.roles import (
    ACTIVE,
    CATEGORIES,
    KEPT_AS_ATTRIBUTES,
    TITLE,
    Subject,
)
from services.generator.importing.catalogue.tally import CatalogueTally
from services.generator.importing.preview import reason_lines, table_lines
from services.generator.importing.reading.table import Table
from shared.database.tables import TITLE_LENGTH

_SHOWN = 10


def preview(table: Table, plan: CataloguePlan) -> Iterator[str]:
    """The file, and what each of its columns becomes and why."""
    yield from table_lines(table, table.name)
    by_column = {column: name for name, column in plan.columns.attributes.items()}
    for use in plan.columns.recognition.uses:
        reason = use.reason if use.role is not None else plan.columns.reasons[use.name]
        if use.role is not None:
            kept = (
                f", as attribute '{use.role.name}'" if use.role.name in KEPT_AS_ATTRIBUTES else ""
            )
            what = f"{use.role.name}{kept}"
        elif use.name in by_column:
            what = f"attribute '{by_column[use.name]}'"
        else:
            what = "left out"
        how = f"; {plan.readings[use.name]}" if use.name in plan.readings else ""
        yield f"  '{use.name}': {what} ({reason}{how}); {plan.survey.examples(use.name)}"
    if plan.subject is Subject.ITEMS:
        yield from _item_lines(plan)
    if plan.options.keep_empty:
        yield "an empty cell says nothing: what is known stays (--keep-empty)"
    else:
        yield (
            "an empty cell takes away what is known, but whether an item is active and when it was "
            "created; what has no column here stays (empty cells too: --keep-empty)"
        )
    if plan.survey.repeating:
        yield (
            f"ids with several rows: {len(plan.survey.repeating):,}; together these are one "
            f"{plan.subject.one}, and where they differ the later counts"
        )


def _item_lines(plan: CataloguePlan) -> Iterator[str]:
    if not plan.columns.of(TITLE):
        yield "no column is a title: titles stay as they are (--title COLUMN)"
    if not plan.columns.of(CATEGORIES):
        yield "no column holds categories: they stay as they are (--categories COLUMN)"
    if not plan.columns.of(ACTIVE):
        yield (
            "no column says whether an item is active: new ones are, others stay as they are "
            "(--active COLUMN)"
        )


def warning_lines(plan: CataloguePlan) -> Iterator[str]:
    """What has to be said loudly."""
    yield from (f"WARNING: {warning}" for warning in plan.warnings)


def summary(table: Table, plan: CataloguePlan, tally: CatalogueTally) -> Iterator[str]:
    """The counts at the end, the same for a dry run and an import."""
    counts = (tally.read, tally.new, tally.changed, tally.unchanged, tally.repeated, tally.rejected)
    yield (
        "{}: {} rows read, {} new {}, {} changed, {} unchanged, {} further rows of an id, "
        "{} rejected"
    ).format(table.name, *_formatted(counts, plan.subject))
    yield from reason_lines(tally.reasons)
    if tally.cuts.titles:
        lines = ", ".join(f"{line:,}" for line in tally.cuts.titles[:_SHOWN])
        yield (
            f"  cut to {TITLE_LENGTH} characters: {len(tally.cuts.titles):,} titles, the first in "
            f"lines {lines}"
        )
    if tally.cuts.images:
        yield f"  of several images the first alone is kept: {tally.cuts.images:,} rows"
    if plan.categories is not None:
        most = ", ".join(f"{name} {n:,}" for name, n in tally.categories.most_common(_SHOWN))
        yield f"  categories: {len(tally.categories):,} different; {most or 'none'}"


def _formatted(counts: tuple[int, ...], subject: Subject) -> list[str]:
    read, new, *others = (f"{count:,}" for count in counts)
    return [read, new, subject.value, *others]
