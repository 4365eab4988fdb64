"""What the cells of an attribute's column are, decided by all of them: the types of JSON, and dates
as ISO 8601."""

import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from services.generator.importing.reading.cells import bad_cell
from services.generator.importing.reading.numbers import (
    DECIMALS,
    Decimal,
    NumberSurvey,
    all_numbers,
    number_in,
)
from services.generator.importing.reading.table import is_empty, shortened
from services.generator.importing.reading.times import (
    TimeFormat,
    TimeReader,
    TimeSurvey,
    Undecided,
)
from shared.database.tables import from_epoch_ms

Value = bool | int | float | str | list[object] | None


class AttributeType(Enum):
    """What a column holds, by the name that `--type` gives it."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    LIST = "list"
    TEXT = "text"


_NOTHING = {"n/a", "na", "none", "nil", "-", "--", "?"}
"""What stands in a column of another type than text, in small letters, for a value that is not
there; beside what always does."""

_BOOLEANS = {"true": "false", "yes": "no", "ja": "nein"}
_TRUE = {*_BOOLEANS, "1", "y", "t", "x", "wahr"}
_FALSE = {*_BOOLEANS.values(), "0", "n", "f", "falsch"}
_CODE = re.compile(r"0\d+|\d{12,}", re.A)  # a postcode, a number on a barcode
_SPACED_PIPE = re.compile(r"\s\||\|\s")
_LARGEST_WHOLE = 2**53  # beyond it a double no longer tells one from the next
_MANY = 1_000  # cells of which none is a number or a time say that none will be
_WORDS = 50
_DATES = (TimeFormat.ISO, TimeFormat.DMY, TimeFormat.MDY, TimeFormat.YMD)


class AttributeSurvey:
    """What the texts of a column are, all of them seen."""

    def __init__(self) -> None:
        self.numbers = NumberSurvey()
        self.times = TimeSurvey()
        self.filled = 0
        self.words: set[str] = set()
        """Different texts in small letters, as long as they are few."""
        self.code = ""
        """The first number that is written as a code."""
        self.no_number = ""
        """The first text that is none."""
        self.json_lists = 0
        self.pipes = 0
        self.has_clock = False
        self.is_spaced = False

    def add(self, cells: Sequence[str]) -> None:
        """Take in more of the column's cells; empty ones say nothing."""
        texts = [cell.strip() for cell in cells if not is_empty(cell)]
        if len(self.words) <= _WORDS:
            self.words.update(text.lower() for text in texts)
        said = [text for text in texts if text.lower() not in _NOTHING]
        self.filled += len(said)
        if self.numbers.filled < _MANY or self.has_numbers:
            self._add_numbers(said)
        if self.times.filled < _MANY or any(self.times.formats.values()):
            self.times.add(said)
        self.json_lists += sum(_json_list(text) is not None for text in said)
        pipes = [text for text in said if "|" in text]
        self.pipes += len(pipes)
        self.is_spaced = self.is_spaced or any(_SPACED_PIPE.search(text) for text in pipes)
        self.has_clock = self.has_clock or any(":" in text for text in said)

    def _add_numbers(self, texts: Sequence[str]) -> None:
        self.numbers.add(texts)
        self.code = self.code or next(filter(_CODE.fullmatch, texts), "")
        if not self.no_number:
            self.no_number = next((text for text in texts if not all_numbers([text])), "")

    @property
    def has_numbers(self) -> bool:
        """Whether any text is a number."""
        return any(found.numbers for found in self.numbers.ranges.values())

    def all_numbers(self, decimal: Decimal) -> bool:
        """Whether each text is a number with this decimal sign."""
        return 0 < self.filled == self.numbers.ranges[decimal].numbers

    def all_dates(self, format_: TimeFormat) -> bool:
        """Whether each text is a time of this format."""
        return 0 < self.filled == self.times.formats[format_]

    def are_booleans(self) -> bool:
        """Whether the texts are true and false, yes and no, in one way."""
        words = self.words - _NOTHING
        return bool(words) and any(words <= set(pair) for pair in _BOOLEANS.items())


@dataclass(frozen=True)
class AttributeReading:
    """How cells become values: `read` gives None for an empty cell, and raises BadCell."""

    type: AttributeType
    read: Callable[[str], Value]
    words: str
    warning: str = ""
    question: str = ""


@dataclass(frozen=True)
class Writing:
    """What is known of how a file writes things, and what somebody said of it."""

    point_decimals: bool
    decimal: Decimal | None = None
    time_format: TimeFormat | None = None
    zone: dt.tzinfo = dt.UTC


def decide(
    column: str, found: AttributeSurvey, writing: Writing, asked: AttributeType | None
) -> AttributeReading:
    """How the column is read: as `asked`, or as what all its cells are."""
    match asked or _type(found, writing):
        case AttributeType.NUMBER:
            return _number(column, found, writing)
        case AttributeType.BOOLEAN:
            return AttributeReading(AttributeType.BOOLEAN, _read_boolean, "true or false")
        case AttributeType.DATE:
            return _date(column, found, writing)
        case AttributeType.LIST:
            words = "JSON lists" if found.json_lists else "lists, with | between the values"
            return AttributeReading(AttributeType.LIST, _read_list, words)
        case _:
            return _text(column, found, asked)


def _type(found: AttributeSurvey, writing: Writing) -> AttributeType:
    if found.are_booleans():
        return AttributeType.BOOLEAN
    if not found.code and any(found.all_numbers(decimal) for decimal in DECIMALS):
        return AttributeType.NUMBER
    if _date_format(found, writing) is not None:
        return AttributeType.DATE
    if found.filled and (found.json_lists == found.filled or (found.pipes and not found.is_spaced)):
        return AttributeType.LIST
    return AttributeType.TEXT


def number_reading(
    column: str, found: NumberSurvey, writing: Writing
) -> tuple[Callable[[str], int | float | None], Decimal] | str:
    """How to read a number (None for what is none) and its decimal sign; or what to ask. Whole ones
    are integers, whichever way they are written."""
    decimal = writing.decimal or found.decided(point_decimals=writing.point_decimals)
    if decimal is None:
        example = found.example or "4,5 beside 4.5"
        return (
            f"numbers in column '{column}' can be read in two ways, such as {shortened(example)}: "
            "say which with --decimal point or --decimal comma"
        )

    def read(text: str) -> int | float | None:
        number = number_in(text, decimal)
        whole = number is not None and number.is_integer() and abs(number) <= _LARGEST_WHOLE
        return int(number) if number is not None and whole else number

    return read, decimal


def _number(column: str, found: AttributeSurvey, writing: Writing) -> AttributeReading:
    reading = number_reading(column, found.numbers, writing)
    if isinstance(reading, str):
        return AttributeReading(AttributeType.NUMBER, lambda _text: None, "", question=reading)
    read_number, decimal = reading

    def read(text: str) -> Value:
        if _is_nothing(text):
            return None
        number = read_number(text)
        if number is None:
            raise bad_cell(f"{column} {{}} is not a number", text)
        return number

    values = found.numbers.ranges[decimal]
    between = f", {values.lowest:g} to {values.highest:g}" if values.numbers else ""
    return AttributeReading(
        AttributeType.NUMBER, read, f"numbers with a decimal {decimal}{between}"
    )


def _date_format(found: AttributeSurvey, writing: Writing) -> TimeFormat | None:
    """The format of which every text is a time, where the column tells it."""
    decided = found.times.decided()
    if isinstance(decided, Undecided):
        decided = writing.time_format or decided
    if isinstance(decided, Undecided) or decided not in _DATES or not found.all_dates(decided):
        return None
    return decided


def _date(column: str, found: AttributeSurvey, writing: Writing) -> AttributeReading:
    format_ = _date_format(found, writing) or writing.time_format or TimeFormat.ISO
    # A day is a day, wherever it is.
    reader = TimeReader(format_, writing.zone if found.has_clock else dt.UTC)

    def read(text: str) -> Value:
        if _is_nothing(text):
            return None
        milliseconds = reader.read(text)
        if milliseconds is None:
            raise bad_cell(f"{column} {{}} is not written as {format_.words}", text)
        moment = from_epoch_ms(milliseconds)
        if not found.has_clock:
            return moment.date().isoformat()
        precision = "milliseconds" if milliseconds % 1000 else "seconds"
        return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"

    kind = f"times, kept in UTC: {format_.words}" if found.has_clock else f"days: {format_.words}"
    return AttributeReading(AttributeType.DATE, read, kind)


def _text(column: str, found: AttributeSurvey, asked: AttributeType | None) -> AttributeReading:
    reason, warning = "", ""
    if asked is not None:
        reason = ", as --type says"
    elif found.code:
        reason = f", as {shortened(found.code)} is a code rather than a number"
    elif found.no_number and found.has_numbers:
        reason = f", as not all are numbers: {shortened(found.no_number)}"
    elif isinstance(found.times.decided(), Undecided) and found.times.several:
        warning = (
            f"column '{column}' holds days of which nobody can tell the order, such as "
            f"{shortened(found.times.several[0])}; they are kept as text. To keep them as days, "
            "say --time-format dmy or --time-format mdy"
        )
    return AttributeReading(AttributeType.TEXT, _read_text, f"text{reason}", warning)


def _read_text(text: str) -> Value:
    return None if is_empty(text) else text.strip()


def _read_boolean(text: str) -> Value:
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _is_nothing(text):
        return None
    raise bad_cell("{} is neither true nor false", text)


def _read_list(text: str) -> Value:
    if _is_nothing(text):
        return None
    values = _json_list(text.strip())
    if values is None:
        values = [part for part in map(str.strip, text.split("|")) if part]
    return values


def _json_list(text: str) -> list[object] | None:
    """The list of plain values that a text is in JSON, or None."""
    if not text.startswith("["):
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return None if any(isinstance(value, dict | list) for value in values) else values


def _is_nothing(text: str) -> bool:
    return is_empty(text) or text.strip().lower() in _NOTHING
