"""What items declare, as columns that filters are held against.

A column is made when a filter first names its attribute, and follows the catalogue from then on.
Of 1,000,000 items with five attributes each that takes 2.6 s (once 1.5 s more, for the names of
all) and 9 MB for numbers or texts, 17 MB for dates, however many values there are; without filters
there is none.
"""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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
FEW = 5  # values are sought one by one: np.isin takes 20 µs to begin

NAN = np.float64(np.nan)

NO_CODE = 0
BOOLEAN_CODES = {value: hash(("boolean", value)) for value in (False, True)}


def code_of(value: str | bool) -> int:
    """A text or truth value as 64 bits, salted anew in each process: a dictionary of a million
    texts would take 150 MB, and that two share a code has a chance of 1 in 10^13 for each filter.
    """
    code = BOOLEAN_CODES[value] if isinstance(value, bool) else hash(value)
    return code or 1


@dataclass(frozen=True)
class Values(Generic[T]):
    """Values of items: `first` [items] of each, nan or NO_CODE where it has none, empty where no
    item has any; of a list the others as pairs, `further_items` int32[n] and `further` [n]."""

    first: NDArray[T]
    further_items: NDArray[np.int32]
    further: NDArray[T]

    @classmethod
    def of(cls, items: "array[int]", values: "array[Any]", missing: T, n_items: int) -> "Values[T]":
        """Of pairs, those of an item one after another; `missing` is nan or NO_CODE."""
        owners = np.frombuffer(items, dtype=np.int32)
        entries = np.frombuffer(values, dtype=type(missing))
        if not len(owners):
            return cls(entries, owners, entries)
        is_first = np.diff(owners, prepend=-1) != 0
        first = np.full(n_items, missing)
        first[owners[is_first]] = entries[is_first]
        return cls(first, owners[~is_first], entries[~is_first])

    @property
    def nbytes(self) -> int:
        return self.first.nbytes + self.further_items.nbytes + self.further.nbytes

    def where(self, holds: Callable[[NDArray[T]], Mask], n_items: int) -> Mask:
        """The items with a value for which it holds, bool[items]."""
        if not len(self.first):
            return np.zeros(n_items, dtype=np.bool_)
        mask = holds(self.first)
        if len(self.further):
            mask[self.further_items[holds(self.further)]] = True
        return mask

    def after(self, is_replaced: Mask, newer: "Values[T]", missing: T) -> "Values[T]":
        """With the newer ones in the place of those of the items bool[items]."""
        kept = ~is_replaced[self.further_items]
        further_items = np.concatenate([self.further_items[kept], newer.further_items])
        further = np.concatenate([self.further[kept], newer.further])
        if not len(self.first):
            return Values(newer.first, further_items, further)
        first = np.full(len(is_replaced), missing)
        first[: len(self.first)] = self.first
        first[is_replaced] = newer.first[is_replaced] if len(newer.first) else missing
        return Values(first, further_items, further)


@dataclass(frozen=True)
class Column:
    """An attribute of every item: `is_present` bool[items], false for null, "" and []; of a list
    each entry is a value. `codes` are those of texts and truth values, `moments` those of texts
    that are dates, in milliseconds since 1970."""

    is_present: Mask
    numbers: Values[np.float64]
    codes: Values[np.int64]
    moments: Values[np.float64]

    @classmethod
    def of(cls, declared: Iterable[tuple[int, Any]], n_items: int) -> "Column":
        """Of items by index and what JSON says of each."""
        is_present = np.zeros(n_items, dtype=np.bool_)
        number_items, numbers = array("i"), array("d")
        code_items, codes = array("i"), array("q")
        moment_items, moments = array("i"), array("d")
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
            Values.of(number_items, numbers, NAN, n_items),
            Values.of(code_items, codes, np.int64(NO_CODE), n_items),
            Values.of(moment_items, moments, NAN, n_items),
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
            self.numbers.after(is_replaced, newer.numbers, NAN),
            self.codes.after(is_replaced, newer.codes, np.int64(NO_CODE)),
            self.moments.after(is_replaced, newer.moments, NAN),
        )

    @property
    def nbytes(self) -> int:
        parts = (self.numbers, self.codes, self.moments)
        return self.is_present.nbytes + sum(part.nbytes for part in parts)

    def one_of(self, values: Iterable[str | bool | float]) -> Mask:
        """The items with one of the values, bool[items]."""
        numbers = [float(value) for value in values if not isinstance(value, str | bool)]
        codes = [code_of(value) for value in values if isinstance(value, str | bool)]
        n_items = len(self.is_present)
        if not numbers:
            return self.codes.where(partial(_among, codes), n_items)
        with_number = self.numbers.where(partial(_among, numbers), n_items)
        return with_number | self.codes.where(partial(_among, codes), n_items)

    def between(self, low: float | None, high: float | None) -> Mask:
        """The items with a number in this range, its ends included, bool[items]."""
        return self.numbers.where(partial(_within, low, high), len(self.is_present))

    def dated(self, low: float | None, high: float | None) -> Mask:
        """The same of dates, in milliseconds since 1970."""
        return self.moments.where(partial(_within, low, high), len(self.is_present))


def _moment(entry: str | bool) -> int | None:
    if isinstance(entry, bool) or len(entry) < SHORTEST_DATE or not entry[0].isdigit():
        return None
    return iso_ms(entry)


def _among(sought: Sequence[float], values: NDArray[Any]) -> Mask:
    if len(sought) > FEW:
        return np.isin(values, sought)
    mask = np.zeros(len(values), dtype=np.bool_)
    for value in sought:
        mask |= values == value
    return mask


def _within(low: float | None, high: float | None, values: NDArray[Any]) -> Mask:
    if low is None:
        return np.asarray(values <= high)
    mask = np.asarray(values >= low)
    return mask if high is None else mask & (values <= high)


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
