"""How each column of a file of items or users is read, what is said of it, and what has to be
asked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.generator.importing.catalogue.activity import ActivityReader
from services.generator.importing.catalogue.attribute_types import (
    AttributeReading,
    Writing,
    decide,
    number_reading,
)
from services.generator.importing.catalogue.categories import CategoryReader
from services.generator.importing.catalogue.columns import (
    CatalogueColumns,
    alike_warnings,
    find_columns,
)
from services.generator.importing.catalogue.options import CatalogueOptions
from services.generator.importing.catalogue.roles import (
    ACTIVE,
    CATEGORIES,
    CREATED,
    IMAGE,
    PRICE,
    Subject,
    are_emails,
)
from services.generator.importing.catalogue.survey import CatalogueSurvey, first_rows, survey
from services.generator.importing.reading.questions import require_answers
from services.generator.importing.reading.roles import option
from services.generator.importing.reading.table import Table, TableError, listed
from services.generator.importing.reading.times import TimeFormat, TimeReader, Undecided
from shared.database.tables import TITLE_LENGTH

_SHOWN_WORDS = 10


@dataclass
class CataloguePlan:
    """How a file is read. `readings` is column → words; `warnings` are to be said loudly, and
    `questions` have to be answered before anything goes in."""

    subject: Subject
    columns: CatalogueColumns
    survey: CatalogueSurvey
    options: CatalogueOptions
    attributes: dict[str, AttributeReading] = field(default_factory=dict)
    """By the attribute's name."""
    categories: CategoryReader | None = None
    price: Callable[[str], int | float | None] | None = None
    created: TimeReader | None = None
    readings: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    @property
    def activity(self) -> ActivityReader:
        return ActivityReader(self.options.inactive)

    def require_answers(self) -> None:
        """OpenQuestions where something has to be asked."""
        require_answers(self.questions)


def make_plan(table: Table, subject: Subject, options: CatalogueOptions) -> CataloguePlan:
    """Look at the whole table, and decide. Raises ColumnError for columns that are not there."""
    head = first_rows(table)
    columns = find_columns(
        table.names,
        head.columns,
        subject,
        options,
        table.name,
        has_header=table.names[0] != "0",
    )
    found = survey(table, columns, head)
    plan = CataloguePlan(subject, columns, found, options)
    _plan_id(plan, table)
    _plan_active(plan)
    _plan_categories(plan)
    _plan_price(plan, table)
    _plan_created(plan)
    _plan_attributes(plan, table)
    plan.warnings += alike_warnings(plan.columns, subject.roles)
    _say_how_texts_are_read(plan)
    _warn_of_personal(plan)
    return plan


def _plan_id(plan: CataloguePlan, table: Table) -> None:
    if plan.columns.recognition.missing:
        plan.questions.append(
            f"{table.name} has no column with a usual name for the {plan.subject.one}'s id; its "
            f"columns are {listed(table.names)}. Say which with --id (a name, or a number from 0 "
            "for a file without a header)."
        )
        return
    [column] = plan.columns.of("id")
    plan.readings[column] = "compared byte by byte with the ids in your events"
    if plan.subject is Subject.USERS and are_emails(plan.survey.head.columns[column]):
        plan.warnings.append(
            f"the ids in column '{column}' are e-mail addresses, and are stored as they are: "
            "another id that your events know, or a hash, would tell nobody who somebody is"
        )


def _plan_active(plan: CataloguePlan) -> None:
    if plan.options.inactive and not plan.columns.of(ACTIVE):
        raise TableError("--inactive: no column says whether an item is active, name it --active.")
    for column in plan.columns.of(ACTIVE):
        words = plan.survey.words[column]
        unknown = plan.activity.unknown(words)
        if not unknown:
            false = plan.activity.inactive(words)
            which = listed(false, _SHOWN_WORDS) if false else "none of them"
            plan.readings[column] = f"{len(words):,} different cells, false are: {which}"
        elif plan.columns.recognition.is_named(ACTIVE):
            plan.questions.append(
                f"column '{column}' holds {listed(unknown, _SHOWN_WORDS)}, of which nobody can "
                "tell whether an item is active: say which words count as false with --inactive "
                "(all others are true then)"
            )
        else:
            plan.columns = plan.columns.without_role(ACTIVE)
            plan.survey.move_to_attributes(column)
            plan.warnings.append(
                f"column '{column}' has a usual name for whether an item is active, and holds "
                f"{listed(unknown, _SHOWN_WORDS)}: it is kept as an attribute, and all items are "
                f"active. {option(ACTIVE, column)} --inactive WORD reads it"
            )


def _plan_categories(plan: CataloguePlan) -> None:
    columns = plan.columns.of(CATEGORIES)
    if columns:
        plan.categories = plan.survey.categories.decided(plan.options.separator)
        plan.readings |= dict.fromkeys(columns, plan.categories.words)
    elif plan.options.separator is not None:
        raise TableError("--categories-separator: no column is read for categories.")


def _plan_price(plan: CataloguePlan, table: Table) -> None:
    for column in plan.columns.of(PRICE):
        numbers = plan.survey.numbers[column]
        reading = number_reading(column, numbers, _writing(plan, table))
        if isinstance(reading, str):
            plan.questions.append(reading)
            continue
        plan.price, decimal = reading
        currencies = plan.survey.currencies
        kept = f"; the currency ({listed(sorted(currencies), 5)}) is kept too" if currencies else ""
        plan.readings[column] = f"numbers with a decimal {decimal}{kept}"


def _plan_created(plan: CataloguePlan) -> None:
    for column in plan.columns.of(CREATED):
        decided = plan.options.time_format or plan.survey.times[column].decided()
        if isinstance(decided, Undecided):
            plan.questions.append(
                f"values of column '{column}' {decided.why}: say what they are with --time-format "
                f"({', '.join(format_.value for format_ in TimeFormat)}), or leave them out with "
                f"{option('ignore', column)}"
            )
            continue
        plan.created = TimeReader(decided, plan.options.zone)
        zone = f", in {plan.options.zone} where they name no offset" if decided.is_local else ""
        plan.readings[column] = f"times: {decided.words}{zone}"


def _plan_attributes(plan: CataloguePlan, table: Table) -> None:
    for name, column in plan.columns.attributes.items():
        asked = plan.options.types.get(column)
        found = plan.survey.attributes[column]
        reading = decide(column, found, _writing(plan, table), asked)
        plan.attributes[name] = reading
        plan.readings[column] = reading.words
        if reading.question:
            plan.questions.append(f"{reading.question}, or {option('ignore', column)}")
        if reading.warning:
            plan.warnings.append(reading.warning)


def _say_how_texts_are_read(plan: CataloguePlan) -> None:
    for column in plan.columns.of("title"):
        plan.readings[column] = f"text, cut to {TITLE_LENGTH} characters"
    for column in plan.columns.of(IMAGE):
        plan.readings[column] = "an address; of several the first"


def _warn_of_personal(plan: CataloguePlan) -> None:
    if personal := plan.columns.personal:
        example = personal[0]
        named = option("attribute", f"{example.lower()}={example}")
        plan.warnings.append(
            f"NOT STORED, as they tell who somebody is: {listed(personal)}. A recommender needs "
            f"none of them. Whoever has to keep one names it: {named}"
        )


def _writing(plan: CataloguePlan, table: Table) -> Writing:
    options = plan.options
    return Writing(table.point_decimals, options.decimal, options.time_format, options.zone)
