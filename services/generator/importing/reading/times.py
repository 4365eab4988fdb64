"""How a column writes its times, decided by all of it; and the moment that one of them is."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from services.generator.importing.reading.numbers import number_in
from services.generator.importing.reading.table import is_empty, shortened

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
_DAY_MS = 86_400_000
_FIRST_EXCEL_DAY_MS = -25_569 * _DAY_MS  # day 0 is 30 December 1899
_FEW_MISTAKES = 0.01  # of days that only the other order makes, which are then typing errors
_MOST = 0.5  # of the texts of a column of times are times
_SHOWN = 3  # examples


class TimeFormat(Enum):
    """Each way of writing times, with the name by which `--time-format` asks for it."""

    ISO = "iso"
    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"  # with a year of two digits
    NAMED = "named"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    MICROSECONDS = "microseconds"
    NANOSECONDS = "nanoseconds"
    EXCEL = "excel"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def is_local(self) -> bool:
        """Whether its times may be those of a time zone that they do not name."""
        return self in (*_ORDERS, TimeFormat.ISO, TimeFormat.NAMED, TimeFormat.EXCEL)


_WORDS = {
    TimeFormat.ISO: "ISO 8601 (year, month, day)",
    TimeFormat.DMY: "day, month, year",
    TimeFormat.MDY: "month, day, year",
    TimeFormat.YMD: "year of two digits, month, day",
    TimeFormat.NAMED: "a day, a month by its English name, a year",
    TimeFormat.SECONDS: "seconds since 1970",
    TimeFormat.MILLISECONDS: "milliseconds since 1970",
    TimeFormat.MICROSECONDS: "microseconds since 1970",
    TimeFormat.NANOSECONDS: "nanoseconds since 1970",
    TimeFormat.EXCEL: "days since 30 December 1899, as Excel counts them",
}
_ORDERS = (TimeFormat.DMY, TimeFormat.MDY, TimeFormat.YMD)

# From 1973 to 2100 the units' numbers do not overlap, and Excel's days (1954 to 2119) lie below
# all of them: so the size of a number tells its unit. Smaller ones are no times.
_SIZES = {
    TimeFormat.EXCEL: (20_000, 80_000),
    TimeFormat.SECONDS: (1e8, 4.2e9),
    TimeFormat.MILLISECONDS: (1e11, 4.2e12),
    TimeFormat.MICROSECONDS: (1e14, 4.2e15),
    TimeFormat.NANOSECONDS: (1e17, 4.2e18),
}
# How many digits numbers have that begin with 1: those from 2001 to 2033.
_DIGITS = {
    10: TimeFormat.SECONDS,
    13: TimeFormat.MILLISECONDS,
    16: TimeFormat.MICROSECONDS,
    19: TimeFormat.NANOSECONDS,
}
_TO_MS = {
    TimeFormat.SECONDS: 1e3,
    TimeFormat.MILLISECONDS: 1.0,
    TimeFormat.MICROSECONDS: 1e-3,
    TimeFormat.NANOSECONDS: 1e-6,
}
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.A)
_COMPACT = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:(?P<h>\d\d)(?P<min>\d\d)(?P<s>\d\d)?)?", re.A
)
_CLOCK = (
    r"(?:(?:T|,?\s+)(?P<h>\d{1,2}):(?P<min>\d\d)(?::(?P<s>\d\d)(?:[.,](?P<f>\d+))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>[A-Za-z]{3})[A-Za-z]*\.?"
_NAMED = (  # Wed, 31 Jan 2024 12:00:00 GMT; 31-Jan-2024; January 31, 2024 12:00 PM
    re.compile(
        rf"(?:[A-Za-z]{{3,}},?\s+)?(?P<day>\d{{1,2}})[ -]{_MONTH}[ ,-]+(?P<year>\d{{4}}){_CLOCK}",
        re.A,
    ),
    re.compile(
        rf"(?:[A-Za-z]{{3,}},?\s+)?{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_CLOCK}",
        re.A,
    ),
)
_THREE = re.compile(
    rf"(?P<a>\d{{1,4}})(?P<sign>[./-])\s?(?P<b>\d{{1,2}})(?P=sign)\s?(?P<c>\d{{1,4}}){_CLOCK}", re.A
)


class TimeSurvey:
    """What the texts of a column are as times, all of them seen."""

    def __init__(self) -> None:
        self.filled = 0
        self.formats: Counter[TimeFormat] = Counter()
        """How many texts are of each format; days of three numbers count for each order that
        makes a day of them."""
        self.only: Counter[TimeFormat] = Counter()
        """Days of three numbers that one order alone makes a day of."""
        self.several: list[str] = []
        """Examples of days of three numbers in which every order finds one."""
        self.three = 0
        """Days of three numbers, with the year last or of two digits."""
        self.dotted = 0
        """Those of them with dots, which are written day first wherever they are written."""
        self.others: list[str] = []
        """Examples of what is no time."""
        self.small = 0
        """Numbers too small for a time."""
        self.lowest, self.highest = float("inf"), float("-inf")

    def add(self, cells: Sequence[str]) -> None:
        """Take in more of the column's cells; empty ones say nothing."""
        epochs: Counter[int] = Counter()
        for text, count in Counter(cells).items():
            if text.isdecimal() and text[0] == "1" and len(text) in _DIGITS:
                epochs[len(text)] += count  # what most numbers are, told in a quarter of the time
            elif not is_empty(text):
                self._add(text.strip(), count)
        for digits, count in epochs.items():
            self.filled += count
            self.formats[_DIGITS[digits]] += count

    def _add(self, text: str, count: int) -> None:
        self.filled += count
        if text[4:5] == "-" and _iso(text) is not None:
            self.formats[TimeFormat.ISO] += count
        elif _NUMBER.fullmatch(text):
            self._add_number(text, count)
        elif (three := _THREE.fullmatch(text)) and len(three["a"]) < 3:
            self._add_three(text, three, count)
        elif _iso(text) is not None:
            self.formats[TimeFormat.ISO] += count
        elif _named(text) is not None:
            self.formats[TimeFormat.NAMED] += count
        else:
            self._note_other(text)

    def _add_number(self, text: str, count: int) -> None:
        number = _number(text)
        if _compact(text) is not None:
            self.formats[TimeFormat.ISO] += count
            return
        self.lowest, self.highest = min(self.lowest, number), max(self.highest, number)
        for format_, (lowest, highest) in _SIZES.items():
            if lowest <= number < highest:
                self.formats[format_] += count
                return
        self.small += count
        self._note_other(text)

    def _add_three(self, text: str, three: re.Match[str], count: int) -> None:
        orders = [order for order in _ORDERS if _day(three, order) is not None]
        self.three += count
        self.dotted += count * (three["sign"] == ".")
        self.formats.update(dict.fromkeys(orders, count))
        if len(orders) == 1:
            self.only[orders[0]] += count
        elif len(orders) > 1 and len(self.several) < _SHOWN:
            self.several.append(text)
        if not orders:
            self._note_other(text)

    def _note_other(self, text: str) -> None:
        if len(self.others) < _SHOWN:
            self.others.append(text)

    def decided(self) -> "TimeFormat | Undecided":
        """The column's format, or what has to be asked."""
        if not self.filled:
            return TimeFormat.ISO  # nothing to read
        undivided = {format_: n for format_, n in self.formats.items() if format_ not in _ORDERS}
        best = max(undivided, key=undivided.__getitem__, default=None)
        if self.three > (undivided[best] if best else 0):
            return self._order()
        if best is None or undivided[best] < _MOST * self.filled:
            return self._no_times()
        return best

    def _order(self) -> "TimeFormat | Undecided":
        possible = [order for order in _ORDERS if self.formats[order] >= _MOST * self.three]
        if not possible or self.three < _MOST * self.filled:
            return self._no_times()
        if len(possible) == 1:
            return possible[0]
        first, second = sorted(possible, key=self.only.__getitem__, reverse=True)[:2]
        if self.only[first] and self.only[second] <= _FEW_MISTAKES * self.only[first]:
            return first
        if not self.only[first] and self.dotted == self.three and TimeFormat.DMY in possible:
            return TimeFormat.DMY
        return self._several_orders(possible)

    def _several_orders(self, possible: Sequence[TimeFormat]) -> "Undecided":
        example = self.several[0] if self.several else ""
        readings = [
            f"--time-format {order.value} for {moment:%-d %B %Y}"
            for order in possible
            if (three := _THREE.fullmatch(example)) and (moment := _day(three, order))
        ]
        mixed = "some can only be the one, some only the other" if self.only else "all could be"
        return Undecided(
            f"are days of which nobody can tell the order ({mixed}): {shortened(example)} is "
            f"{' or '.join(readings)}"
        )

    def _no_times(self) -> "Undecided":
        if self.small >= _MOST * self.filled:
            return Undecided(
                f"are numbers from {self.lowest:g} to {self.highest:g}, which are no times (as "
                "seconds they would all be of 1970)"
            )
        examples = ", ".join(map(shortened, self.others))
        return Undecided(f"are not written as times that can be told, such as {examples}")


class Undecided(NamedTuple):
    """Why a column cannot be read: what its values are, to be put after its name."""

    why: str


class TimeReader:
    """Reads the times of one column in its format; those without an offset are of `zone`."""

    def __init__(self, format_: TimeFormat, zone: dt.tzinfo = dt.UTC) -> None:
        self._format = format_
        self._zone = zone
        self._factor = _TO_MS.get(format_)
        self._lowest, self._highest = _SIZES.get(format_, (0, 0))

    def read(self, text: str) -> int | None:
        """Milliseconds since 1970, or None for what is no time in the column's format."""
        text = text.strip()
        if self._factor is not None:
            return self._epoch(text, self._factor)
        if self._format is TimeFormat.EXCEL:
            return self._excel(text)
        moment = _moment(text, self._format)
        return None if moment is None else self._ms(moment)

    def _epoch(self, text: str, factor: float) -> int | None:
        if text.isdecimal():
            number: float = int(text)
        elif _NUMBER.fullmatch(text):
            number = _number(text)
        else:
            return None
        return round(number * factor) if self._lowest <= number < self._highest else None

    def _excel(self, text: str) -> int | None:
        if not _NUMBER.fullmatch(text) or not self._lowest <= _number(text) < self._highest:
            return None
        # A day has 86,400 seconds, and a fraction of 10 digits tells a hundredth of a second.
        seconds = round(_number(text) * 86_400, 3)
        local = _EPOCH + (round(seconds * 1000) + _FIRST_EXCEL_DAY_MS) * _MILLISECOND
        return self._ms(local.replace(tzinfo=None))

    def _ms(self, moment: dt.datetime) -> int:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        return (moment - _EPOCH) // _MILLISECOND


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _iso(text: str) -> dt.datetime | None:
    """A moment that begins with its year; without an offset it has no time zone."""
    if text.endswith((" UTC", " GMT")):
        text = f"{text[:-4]}+00:00"
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return _compact(text) if text.isdecimal() else _year_first(text)


def _year_first(text: str) -> dt.datetime | None:
    three = _THREE.fullmatch(text)
    if three is None or len(three["a"]) != 4:
        return None
    return _with_clock(three, int(three["a"]), int(three["b"]), int(three["c"]))


def _compact(text: str) -> dt.datetime | None:
    """20240131, 202401311230 and 20240131123000, which as numbers would be of 1970, 1976, 2611."""
    digits = _COMPACT.fullmatch(text)
    if digits is None:
        return None
    numbers = [int(digits[name] or 0) for name in ("y", "m", "d", "h", "min", "s")]
    try:
        return dt.datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _named(text: str) -> dt.datetime | None:
    """A day whose month is written by its English name or the first three letters of it."""
    for pattern in _NAMED:
        found = pattern.fullmatch(text)
        if found and (month := found["month"].lower()) in _MONTHS:
            number = _MONTHS.index(month) + 1
            return _with_clock(found, int(found["year"]), number, int(found["day"]))
    return None


def _moment(text: str, format_: TimeFormat) -> dt.datetime | None:
    if format_ is TimeFormat.ISO:
        return _iso(text)
    if format_ is TimeFormat.NAMED:
        return _named(text)
    three = _THREE.fullmatch(text)
    return None if three is None else _day(three, format_)


def _day(three: re.Match[str], order: TimeFormat) -> dt.datetime | None:
    if order is TimeFormat.YMD:
        if len(three["a"]) != 2 or len(three["c"]) > 2 or three["sign"] == ".":
            return None
        return _with_clock(three, _full_year(three["a"]), int(three["b"]), int(three["c"]))
    if len(three["c"]) not in (2, 4):
        return None
    first, second = int(three["a"]), int(three["b"])
    day, month = (first, second) if order is TimeFormat.DMY else (second, first)
    return _with_clock(three, _full_year(three["c"]), month, day)


def _full_year(text: str) -> int:
    """Years of two digits are those from 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


def _with_clock(three: re.Match[str], year: int, month: int, day: int) -> dt.datetime | None:
    hour, minute, second = (int(three[name] or 0) for name in ("h", "min", "s"))
    if three["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if three["half"] in "Pp" else 0)
    microsecond = int((three["f"] or "0")[:6].ljust(6, "0"))
    try:
        return dt.datetime(
            year, month, day, hour, minute, second, microsecond, _offset(three["zone"])
        )
    except ValueError:
        return None


def _offset(zone: str | None) -> dt.tzinfo | None:
    if zone is None:
        return None
    if zone in ("Z", "UTC", "GMT"):
        return dt.UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def are_times(texts: Sequence[str]) -> bool:
    """Whether nearly all texts of a column are times: whole ones, not numbers that could be."""
    survey = TimeSurvey()
    survey.add(texts)
    formats = survey.formats
    told = formats[TimeFormat.ISO] + formats[TimeFormat.NAMED] + survey.three
    plain = sum(number_in(text, "point") is not None for text in texts)
    epochs = formats[TimeFormat.SECONDS] + formats[TimeFormat.MILLISECONDS]
    return survey.filled > 0 and (
        told - plain >= 0.9 * survey.filled or epochs >= 0.9 * survey.filled
    )
