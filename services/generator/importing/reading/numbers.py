"""How a column writes its numbers, with a decimal point or comma: decided by all of it."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from services.generator.importing.reading.table import is_empty

Decimal = Literal["point", "comma"]
DECIMALS: tuple[Decimal, ...] = get_args(Decimal)

# 1,234.50 and 1.234,50: groups of thousands never begin with 0.
_SHAPES: dict[Decimal, re.Pattern[str]] = {
    "point": re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?", re.A),
    "comma": re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d+)?", re.A),
}
_AROUND = " \t\r\n\u00a0\u202f€$£¥%"  # currencies and blanks beside a number
_GROUPING = re.compile(r"(?<=\d)[ '\u00a0\u202f](?=\d{3}(?!\d))")  # 1 234,50 and 1'234.50
_DISTINCT = 1_000  # values beyond which a column has many
_FEW_MISTAKES = 0.01  # of the other kind's texts, which are then taken for typing errors


def number_in(text: str, decimal: Decimal) -> float | None:
    """The finite number that `text` writes with this decimal sign, or None; what only Python takes
    for one (`1_000`) is none."""
    plain = _GROUPING.sub("", text.strip(_AROUND))
    if not _SHAPES[decimal].fullmatch(plain):
        return None
    plain = plain.replace(",", "") if decimal == "point" else _with_point(plain)
    try:
        number = float(plain)
    except ValueError:  # a sign or a point alone
        return None
    return number if math.isfinite(number) else None


def _with_point(plain: str) -> str:
    return plain.replace(".", "").replace(",", ".")


@dataclass
class ValueRange:
    """The numbers of a column as one of the two decimal signs reads them."""

    lowest: float = math.inf
    highest: float = -math.inf
    distinct: set[float] = field(default_factory=set)
    numbers: int = 0
    fine: int = 0
    """Numbers that are finer than a tenth."""
    not_positive: int = 0

    def add(self, number: float, count: int) -> None:
        self.lowest = min(self.lowest, number)
        self.highest = max(self.highest, number)
        self.numbers += count
        self.fine += count * (number != round(number, 1))
        self.not_positive += count * (number <= 0)
        if len(self.distinct) <= _DISTINCT:
            self.distinct.add(number)


class NumberSurvey:
    """What the texts of a column are as numbers, all of them seen."""

    def __init__(self) -> None:
        self.ranges: dict[Decimal, ValueRange] = {decimal: ValueRange() for decimal in DECIMALS}
        self.only: Counter[Decimal] = Counter()
        """Texts that are a number with this decimal sign alone."""
        self.either = 0
        """Texts that are two different numbers, such as 1.234."""
        self.filled = 0
        self.example = ""
        """The first text that is two different numbers."""

    def add(self, cells: Sequence[str]) -> None:
        """Take in more of the column's cells; empty ones say nothing."""
        for text, count in Counter(cells).items():
            if not is_empty(text):
                self._add(text, count)

    def _add(self, text: str, count: int) -> None:
        self.filled += count
        read = {decimal: number_in(text, decimal) for decimal in DECIMALS}
        for decimal, number in read.items():
            if number is not None:
                self.ranges[decimal].add(number, count)
        point, comma = read["point"], read["comma"]
        if point is not None and comma is None:
            self.only["point"] += count
        elif comma is not None and point is None:
            self.only["comma"] += count
        elif point != comma:
            self.either += count
            self.example = self.example or text

    def decided(self, *, point_decimals: bool) -> Decimal | None:
        """The column's decimal sign; None where it could be both, and somebody has to say.

        `point_decimals`: the file is of a kind that writes 1.5, so that 1.234 alone says nothing
        else; 1,234 still could.
        """
        fewer, more = sorted(self.only[decimal] for decimal in DECIMALS)
        if more:
            clear = fewer <= _FEW_MISTAKES * more
            return self.only.most_common(1)[0][0] if clear else None
        if not self.either or (point_decimals and "," not in self.example):
            return "point"
        return None


def all_numbers(texts: Iterable[str]) -> bool:
    """Whether each text is a number, in one way or the other."""
    return all(any(number_in(text, decimal) is not None for decimal in DECIMALS) for text in texts)
