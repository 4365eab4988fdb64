"""How each column of a file of events is read, what is said of it, and what has to be asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.generator.importing.events.options import EventOptions
from services.generator.importing.events.roles import EVENT_ROLES
from services.generator.importing.reading.numbers import (
    Decimal,
    NumberSurvey,
    ValueRange,
    all_numbers,
)
from services.generator.importing.reading.questions import require_answers
from services.generator.importing.reading.roles import (
    Recognition,
    option,
    recognise,
    warnings_of_unused,
)
from services.generator.importing.reading.survey import Survey, survey
from services.generator.importing.reading.table import Table, TableError, listed, shortened
from services.generator.importing.reading.times import TimeFormat, Undecided, are_times

_USUAL_LOWEST, _USUAL_HIGHEST = -10, 100  # Jester's scale, and percentages
_USUAL_STEPS = 101  # 0 to 100, or 0.0 to 10.0
_ENOUGH = 20  # numbers of which to say that most of them are different
_FEW_MISTAKES = 0.01
_MANY_IDS = 0.05  # of the first rows
_DOUBTFUL_IDS = {
    "end in .0 (as pandas writes whole numbers beside gaps)": re.compile(r"^\d+\.0$"),
    "are rounded (as Excel shows long numbers)": re.compile(r"^\d([.,]\d+)?E\+\d+$"),
    "begin or end with a blank": re.compile(r"^\s|\s$"),
}


@dataclass
class EventPlan:
    """How a file is read. `readings` is column → words; `warnings` are to be said loudly, and
    `questions` have to be answered before anything goes in."""

    recognition: Recognition
    survey: Survey
    options: EventOptions
    decimals: dict[str, Decimal] = field(default_factory=dict)
    """Of the roles that are numbers."""
    time_format: TimeFormat | None = None
    readings: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    @property
    def event_type(self) -> str:
        """What happened, where no column tells."""
        if self.options.event_type is not None:
            return self.options.event_type
        return "view" if self.recognition.column("rating") is None else "rating"

    def require_answers(self) -> None:
        """OpenQuestions where something has to be asked."""
        require_answers(self.questions)


def make_plan(table: Table, options: EventOptions) -> EventPlan:
    """Look at the whole table, and decide. Raises ColumnError for columns that are not there."""
    recognition = recognise(
        table.names, EVENT_ROLES, options.columns, options.ignored, table.name, options.why
    )
    found = survey(table, recognition)
    plan = EventPlan(recognition, found, options)
    if recognition.missing and _looks_like_data(table):
        plan.questions.append(
            "the first row looks like data, not like a header: give the columns by number, such as "
            "--user 0 --item 1"
        )
    else:
        plan.warnings += warnings_of_unused(recognition, EVENT_ROLES, found.head.columns)
    plan.questions += _missing(table, recognition)
    for role in ("user", "item"):
        plan.warnings += _doubtful_ids(role, recognition.column(role), found)
    _plan_event(plan, table)
    for role in ("rating", "value"):
        _plan_number(plan, role, table)
    _plan_time(plan)
    return plan


def _missing(table: Table, recognition: Recognition) -> Iterator[str]:
    for role in recognition.missing:
        yield (
            f"{table.name} has no column with a usual name for the {role.name}; its columns are "
            f"{listed(table.names)}. Say which with --{role.name} (a name, or a number from 0 for "
            f"a file without a header)."
        )


def _looks_like_data(table: Table) -> bool:
    """Whether a header is none: no column is called 4.5 or 2024-01-31."""
    names = [] if table.names[0] == "0" else table.names
    return any(all_numbers([name]) or are_times([name]) for name in names)


def _doubtful_ids(role: str, column: str | None, found: Survey) -> Iterator[str]:
    """Ids are taken byte by byte; what a program made of them on the way has to be said."""
    cells = found.head.columns[column] if column is not None else []
    for what, pattern in _DOUBTFUL_IDS.items():
        examples = [cell for cell in cells if pattern.search(cell)]
        if len(examples) > _MANY_IDS * len(cells):
            yield (
                f"{len(examples):,} of the first {len(cells):,} ids in column '{column}' {what}, "
                f"such as {shortened(examples[0])}: they are taken as they are, and are other "
                f"{role}s than those that are written without"
            )


def _plan_event(plan: EventPlan, table: Table) -> None:
    column, said = plan.recognition.column("event"), plan.options.event_type
    if column is not None:
        plan.readings[column] = "names of events"
        if said is not None:
            plan.questions.append(
                f"--event-type {said} says what every row is, and column '{column}' says it too: "
                f"leave the option out, or add {option('ignore', column)}"
            )
    elif plan.options.mapping:
        plan.questions.append(
            f"--map says what names of events mean, and no column of {table.name} holds any: name "
            "it with --event"
        )


def _plan_number(plan: EventPlan, role: str, table: Table) -> None:
    column = plan.recognition.column(role)
    if column is None:
        return
    numbers = plan.survey.numbers[column]
    decimal = plan.options.decimal or numbers.decided(point_decimals=table.point_decimals)
    if decimal is None:
        plan.questions.append(_which_decimal(column, numbers))
        return
    plan.decimals[role] = decimal
    found = numbers.ranges[decimal]
    plan.readings[column] = f"numbers with a decimal {decimal}{_range(found)}"
    doubts = _doubt_rating if role == "rating" else _doubt_value
    if not plan.recognition.is_named(role) and (doubt := doubts(plan, column, numbers, found)):
        plan.questions.append(doubt)


def _range(found: ValueRange) -> str:
    return f", {found.lowest:g} to {found.highest:g}" if found.numbers else ""


def _which_decimal(column: str, numbers: NumberSurvey) -> str:
    example = numbers.example or "4,5 beside 4.5"
    return (
        f"numbers in column '{column}' can be read in two ways, such as {shortened(example)}: say "
        "which with --decimal point or --decimal comma"
    )


def _doubt_rating(
    plan: EventPlan, column: str, _numbers: NumberSurvey, found: ValueRange
) -> str | None:
    if plan.options.scale is not None or not found.numbers:
        return None
    many = len(found.distinct) > min(_USUAL_STEPS, max(found.numbers / 2, _ENOUGH))
    if found.lowest < _USUAL_LOWEST or found.highest > _USUAL_HIGHEST:
        what = f"numbers from {found.lowest:g} to {found.highest:,g}"
    elif many and found.fine > found.numbers / 2:
        what = f"{len(found.distinct):,} or more different numbers, most of them finer than a tenth"
    else:
        return None
    return (
        f"column '{column}' holds {what}, which is no usual scale of ratings: "
        f"{option('value', column)} reads them as amounts of something, {option('rating', column)} "
        f"as ratings all the same (with --scale MIN:MAX those beside the scale are rejected), "
        f"{option('ignore', column)} leaves them out"
    )


def _doubt_value(
    _plan: EventPlan, column: str, numbers: NumberSurvey, found: ValueRange
) -> str | None:
    bad = numbers.filled - found.numbers + found.not_positive
    if bad <= _FEW_MISTAKES * numbers.filled:
        return None
    return (
        f"column '{column}' holds {bad:,} of {numbers.filled:,} values that are not positive: "
        f"{option('value', column)} rejects their rows, {option('ignore', column)} leaves the "
        "column out"
    )


def _plan_time(plan: EventPlan) -> None:
    column = plan.recognition.column("time")
    if column is None:
        return
    times = plan.survey.times[column]
    decided = plan.options.time_format or times.decided()
    if isinstance(decided, Undecided):
        plan.questions.append(
            f"values of column '{column}' {decided.why}: say what they are with --time-format "
            f"({', '.join(format_.value for format_ in TimeFormat)}), or name another column with "
            f"--time, or leave the times out with {option('ignore', column)}"
        )
        return
    plan.time_format = decided
    zone = f", in {plan.options.zone} where they name no offset" if decided.is_local else ""
    plan.readings[column] = f"times: {decided.words}{zone}"


def require_types(options: EventOptions) -> None:
    """TableError where --event-type or --map names a type of event that there is not."""
    asked = [("--event-type", options.event_type)] if options.event_type else []
    asked += [("--map", type_) for type_ in options.mapping.values()]
    for name, type_ in asked:
        if type_ not in options.known_types:
            raise TableError(
                f"{name} names '{type_}', which is none of {', '.join(options.known_types)}. A "
                f"type of your own needs a weight: EVENT_WEIGHTS={type_}:1 in .env"
            )
