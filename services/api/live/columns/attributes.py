"""What items declare, as columns that filters are held against.

A column is made when a filter first names its attribute, and follows the catalogue from then on.
Of 1,000,000 items that takes 2 s and 13 MB for numbers or texts, 25 MB for dates, however many
values there are; without filters there is none.
"""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json

from shared.arrays.types import Mask
from shared.artifacts.text_column import TextColumn
from shared.database.attributes import attributes_text
from shared.database.timestamps import iso_ms
from shared.scorers.features import number_in

T = TypeVar("T", bound=np.generic)

COLUMN_BYTES = 128 * 2**20  # of all columns: the least recently used go first
SHORTEST_DATE = 8  # 20240101

BOOLEAN_CODES = {value: hash(("boolean", value)) for value in (False, True)}


def code_of(value: str | bool) -> int:
    """A text or truth value as 64 bits, salted anew in each process: a dictionary of a million
    texts would take 150 MB, and that two share a code has a chance of 1 in 10^13 for each filter.
    """
    return BOOLEAN_CODES[value] if isinstance(value, bool) else hash(value)


@dataclass(frozen=True)
class Values(Generic[T]):
    """Values of items, in no order: `items` int32[n] says whose each is, `values` [n]."""

    items: NDArray[np.int32]
    values: NDArray[T]

    def where(self, is_chosen: Mask, n_items: int) -> Mask:
        """The items with a value that is chosen bool[n], bool[items]."""
        mask = np.zeros(n_items, dtype=np.bool_)
        mask[self.items[is_chosen]] = True
        return mask

    def replaced(self, is_replaced: Mask, newer: "Values[T]") -> "Values[T]":
        """With the newer ones in the place of those of the items bool[items]."""
        kept = ~is_replaced[self.items]
        return Values(
            np.concatenate([self.items[kept], newer.items]),
            np.concatenate([self.values[kept], newer.values]),
        )


@dataclass(frozen=True)
class Column:
    """An attribute of every item: `is_present` bool[items], false for null, "" and []; of a list
    each entry is a value. `codes` are those of texts and truth values, `moments` those of texts
    that are dates, in milliseconds since 1970."""

    is_present: Mask
    numbers: Values[np.float64]
    codes: Values[np.int64]
    moments: Values[np.int64]

    @classmethod
    def of(cls, declared: Iterable[tuple[int, Any]], n_items: int) -> "Column":
        """Of items by index and what JSON says of each."""
        is_present = np.zeros(n_items, dtype=np.bool_)
        number_items, numbers = array("i"), array("d")
        code_items, codes = array("i"), array("q")
        moment_items, moments = array("i"), array("q")
        for item, value in declared:
            if value is None or value == "" or value == []:
                continue
            is_present[item] = True
            for entry in value if isinstance(value, list) else (value,):
                if isinstance(entry, str | bool):
                    code_items.append(item)
                    codes.append(code_of(entry))
                    if (moment := _moment(entry)) is not None:
                        moment_items.append(item)
                        moments.append(moment)
                elif (number := number_in(entry)) is not None:
                    number_items.append(item)
                    numbers.append(number)
        return cls(
            is_present,
            Values(_indices(number_items), np.frombuffer(numbers, dtype=np.float64)),
            Values(_indices(code_items), np.frombuffer(codes, dtype=np.int64)),
            Values(_indices(moment_items), np.frombuffer(moments, dtype=np.int64)),
        )

    def after(self, changed: Mapping[int, Any], n_items: int) -> "Column":
        """With what JSON says of changed and of new items."""
        newer = Column.of(changed.items(), n_items)
        is_replaced = np.zeros(n_items, dtype=np.bool_)
        is_replaced[[*changed]] = True
        is_present = newer.is_present
        is_present[: len(self.is_present)] |= self.is_present & ~is_replaced[: len(self.is_present)]
        return Column(
            is_present,
            self.numbers.replaced(is_replaced, newer.numbers),
            self.codes.replaced(is_replaced, newer.codes),
            self.moments.replaced(is_replaced, newer.moments),
        )

    @property
    def nbytes(self) -> int:
        parts = (self.numbers, self.codes, self.moments)
        return self.is_present.nbytes + sum(p.items.nbytes + p.values.nbytes for p in parts)

    def one_of(self, values: Iterable[str | bool | float]) -> Mask:
        """The items with one of the values, bool[items]."""
        numbers = [float(v) for v in values if not isinstance(v, str | bool)]
        codes = [code_of(value) for value in values if isinstance(value, str | bool)]
        mask = np.zeros(len(self.is_present), dtype=np.bool_)
        if numbers:
            mask |= self.numbers.where(_among(self.numbers.values, numbers), len(mask))
        if codes:
            mask |= self.codes.where(_among(self.codes.values, codes), len(mask))
        return mask

    def between(self, low: float | None, high: float | None) -> Mask:
        """The items with a number in this range, its ends included, bool[items]."""
        return self.numbers.where(_within(self.numbers.values, low, high), len(self.is_present))

    def dated(self, low: float | None, high: float | None) -> Mask:
        """The same of dates, in milliseconds since 1970."""
        return self.moments.where(_within(self.moments.values, low, high), len(self.is_present))


def _indices(items: "array[int]") -> NDArray[np.int32]:
    return np.frombuffer(items, dtype=np.int32)


def _moment(entry: str | bool) -> int | None:
    if isinstance(entry, bool) or len(entry) < SHORTEST_DATE or not entry[0].isdigit():
        return None
    return iso_ms(entry)


def _among(values: NDArray[T], sought: list[Any]) -> Mask:
    if len(sought) == 1:  # np.isin takes 20 µs to begin
        return np.asarray(values == sought[0])
    return np.isin(values, sought)


def _within(values: NDArray[Any], low: float | None, high: float | None) -> Mask:
    if low is None:
        return np.asarray(values <= high)
    return np.asarray(values >= low) if high is None else (values >= low) & (values <= high)


class AttributeColumns:
    """The attributes of all items: their texts, and the columns that were asked for.

    The texts of trained items are the version's, mapped; `changed` holds those of others.
    """

    def __init__(
        self, trained: TextColumn | None, changed: Mapping[int, str], n_items: int
    ) -> None:
        self.n_items = n_items
        self._trained = trained
        self._changed = changed
        self._names: frozenset[str] | None = None
        self._columns: OrderedDict[str, Column] = OrderedDict()
        self._turn = threading.Lock()  # of those that compute lists side by side one makes a column

    def text(self, item: int) -> str:
        """What an item declares, as JSON; "" for nothing."""
        text = self._changed.get(item)
        return self._trained_text(item) if text is None else text

    def _trained_text(self, item: int) -> str:
        if self._trained is None or item >= len(self._trained):
            return ""
        return self._trained[item]

    def of(self, item: int) -> dict[str, Any]:
        """What an item declares."""
        return _parsed(self.text(item))

    @property
    def names(self) -> frozenset[str]:
        """The attributes that items have, or had since the version is served."""
        with self._turn:
            if self._names is None:
                self._names = frozenset(name for _, text in self._texts() for name in _parsed(text))
            return self._names

    def column(self, name: str) -> Column:
        """The column of an attribute, empty where no item has it."""
        with self._turn:
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = Column.of(self._declared(name), self.n_items)
                self._forget_columns()
            self._columns.move_to_end(name)
            return column

    def after(self, changes: Mapping[int, str], n_items: int) -> "AttributeColumns":
        """The attributes with other texts of some items, and of those that are new."""
        changed = dict(self._changed)
        for item, text in changes.items():
            if text == self._trained_text(item):
                changed.pop(item, None)
            else:
                changed[item] = text
        after = AttributeColumns(self._trained, changed, n_items)
        with self._turn:
            columns, names = dict(self._columns), self._names
        if columns or names is not None:
            declared = {item: _parsed(text) for item, text in changes.items()}
            after._take_over(columns, names, declared)
        return after

    def _take_over(
        self,
        columns: Mapping[str, Column],
        names: frozenset[str] | None,
        changed: Mapping[int, Mapping[str, Any]],
    ) -> None:
        if names is not None:
            self._names = names.union(*changed.values())
        for name, column in columns.items():
            values = {item: declared.get(name) for item, declared in changed.items()}
            self._columns[name] = column.after(values, self.n_items)

    def _texts(self) -> Iterator[tuple[int, str]]:
        for item, text in enumerate(self._trained or ()):
            if text and item not in self._changed:
                yield item, text
        yield from self._changed.items()

    def _declared(self, name: str) -> Iterator[tuple[int, Any]]:
        mark = attributes_text({name: 0})[1:-2]  # the name as it stands in the texts
        return ((item, _parsed(text).get(name)) for item, text in self._texts() if mark in text)

    def _forget_columns(self) -> None:
        size = sum(column.nbytes for column in self._columns.values())
        while size > COLUMN_BYTES and len(self._columns) > 1:
            size -= self._columns.popitem(last=False)[1].nbytes


def _parsed(text: str) -> dict[str, Any]:
    attributes: dict[str, Any] = from_json(text) if text else {}
    return attributes
