"""What is declared of a user or an item, as numbers: how, and for anyone.

The trainer fits an encoder to the rows it has; the version's manifest keeps it, so that whoever
comes later is encoded likewise. 0 stands for the average and for all that is not known.
"""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

from shared.arrays.types import Float32

Finite = Annotated[float, Field(allow_inf_nan=False)]

YEAR = re.compile(r"(?<![0-9])(?:1[89][0-9]{2}|20[0-9]{2}|2100)(?![0-9])")
FIRST_YEAR, LAST_YEAR = 1800, 2100
WHOLE = 2.0**53  # from here on a float tells no longer which whole number it was


class Attribute(BaseModel, frozen=True):
    """One declared attribute and its columns: 1 where a row has the value, 0 where not, less the
    column's centre. A row of which no column is known to hold is 0 in all of them.

    ValidationError where the parts do not fit.
    """

    name: str
    kind: Literal["category", "number", "year"]
    """Whether a value is one text or several, a number, or anything that holds a year."""
    values: list[str] = []
    """The columns of a category, a value each."""
    edges: list[Finite] = []
    """Where the buckets of a number or year begin, ascending; the first has no beginning."""
    centre: list[Finite]
    """For each column the share of the rows it was fitted to, of those with any column, that
    have it."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.values)) < len(self.values):
            raise ValueError(f"the attribute '{self.name}' has a value twice")
        if any(low >= high for low, high in pairwise(self.edges)):
            raise ValueError(f"the buckets of the attribute '{self.name}' are not ascending")
        if len(self.centre) != len(self.labels):
            raise ValueError(f"the attribute '{self.name}' has not one centre for each column")
        return self

    @cached_property
    def labels(self) -> list[str]:
        """What each column is, in words: "gender=F", "age 25–34"."""
        if self.kind == "category":
            return [f"{self.name}={value}" for value in self.values]
        return [f"{self.name} {bucket}" for bucket in _buckets(self.edges)]

    def columns(self, value: Any) -> set[int]:
        """Which columns hold for a JSON value; none where it is missing or was never seen."""
        if self.kind == "category":
            positions = self._positions
            return {positions[text] for text in texts_in(value) if text in positions}
        number = number_in(value) if self.kind == "number" else year_in(value)
        return set() if number is None else {bisect_right(self.edges, number)}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {value: position for position, value in enumerate(self.values)}


class FeatureEncoder(BaseModel, frozen=True):
    """Turns declared attributes into one row of numbers; without attributes into an empty one."""

    attributes: list[Attribute] = []
    scale: Finite = Field(default=1, gt=0)
    """One for all columns: a rare value stays rarer than a frequent one."""

    @cached_property
    def names(self) -> list[str]:
        """What each column is, in words."""
        return [label for attribute in self.attributes for label in attribute.labels]

    @property
    def size(self) -> int:
        """How many columns there are."""
        return len(self.names)

    def encode(self, attributes: Mapping[str, Any]) -> Float32:
        """What JSON says of one user or item, float32[size]; attributes not fitted do not count."""
        encoded = np.zeros(self.size, dtype=np.float32)
        self._write(attributes, encoded)
        return encoded

    def encode_all(self, rows: Sequence[Mapping[str, Any]]) -> Float32:
        """The same of many, float32[rows, size]; 15 µs a row with five attributes."""
        encoded = np.zeros((len(rows), self.size), dtype=np.float32)
        for attributes, row in zip(rows, encoded, strict=True):
            self._write(attributes, row)
        return encoded

    def _write(self, attributes: Mapping[str, Any], encoded: Float32) -> None:
        for block in self._blocks:
            columns = block.attribute.columns(attributes.get(block.attribute.name))
            if columns:
                encoded[block.where] = block.absent
            for column in columns:
                encoded[block.where.start + column] += self.scale

    @cached_property
    def _blocks(self) -> list["_Block"]:
        blocks, begin = [], 0
        for attribute in self.attributes:
            absent = -self.scale * np.array(attribute.centre, dtype=np.float32)
            blocks.append(_Block(attribute, slice(begin, begin + len(absent)), absent))
            begin += len(absent)
        return blocks


@dataclass(frozen=True, eq=False)  # arrays have no equality that pydantic could take for one
class _Block:
    """Where an attribute's columns are, and what they are where none of them holds."""

    attribute: Attribute
    where: slice
    absent: Float32


def texts_in(value: Any) -> Iterator[str]:
    """The categories that a JSON value names: "A|B" and ["A", "B"] name two, objects none."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str):
            yield from filter(None, map(str.strip, entry.split("|")))
        elif isinstance(entry, bool):
            yield "true" if entry else "false"
        elif (number := number_in(entry)) is not None:
            yield _text(number)


def number_in(value: Any) -> float | None:
    """A JSON number as a float; None where it is anything else or beyond all floats."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= sys.float_info.max else None  # nan is not, either


def year_in(value: Any) -> float | None:
    """The last year from 1800 to 2100 in a text, as in "2001: A Space Odyssey (1968)", or a number
    that is one; else None."""
    if isinstance(value, str):
        years = YEAR.findall(value)
        return float(years[-1]) if years else None
    number = number_in(value)
    return number if number is not None and FIRST_YEAR <= number <= LAST_YEAR else None


def _buckets(edges: Sequence[float]) -> list[str]:
    if not edges:
        return ["known"]
    between = [_range(low, high) for low, high in pairwise(edges)]
    return [f"under {_rounded(edges[0])}", *between, f"{_rounded(edges[-1])} and more"]


def _range(low: float, high: float) -> str:
    if not (low.is_integer() and high.is_integer()):
        return f"{_rounded(low)} to under {_rounded(high)}"
    return _text(low) if high == low + 1 else f"{_text(low)}–{_text(high - 1)}"


def _rounded(number: float) -> str:
    return _text(number) if number.is_integer() else f"{number:.6g}"


def _text(number: float) -> str:
    """1 and 1.0 are one number in JSON, and one text here."""
    is_whole = number.is_integer() and abs(number) < WHOLE
    return str(int(number)) if is_whole else repr(number)
