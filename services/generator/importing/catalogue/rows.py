"""Rows of a batch become descriptions of items or users, or are rejected with the reason."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from services.generator.importing.catalogue.plan import CataloguePlan
from services.generator.importing.catalogue.roles import (
    ACTIVE,
    CATEGORIES,
    CREATED,
    ID,
    IMAGE,
    PRICE,
    TITLE,
    URL,
)
from services.generator.importing.catalogue.survey import split_price
from services.generator.importing.reading.cells import (
    BadCell,
    bad_cell,
    read_id,
    rejects_of,
)
from services.generator.importing.reading.table import Batch, Problem, Reject, is_empty
from shared.database.description_rules import ATTRIBUTES_LENGTH
from shared.database.tables import TITLE_LENGTH, from_epoch_ms
from shared.database.timestamps import EARLIEST_MS

_LATEST_MS = 253_402_300_799_000  # the end of the year 9999, as far as MySQL's DATETIME goes
_NEXT_ADDRESS = re.compile(r"[\s,;|]+(?=https?://|//|/)")
_REMEMBERED = 100_000  # texts of a column

_NOT_UTF8 = Problem("holds text that is not UTF-8", "holds text that is not UTF-8")

CURRENCY = "currency"


class Description(NamedTuple):
    """What rows say of an item or a user: columns of the table, and attributes (None: it has none).

    `lines` are those of the rows; `empty` are the names in both of which they only say nothing.
    """

    lines: tuple[int, ...]
    id: str
    fields: dict[str, Any]
    attributes: dict[str, Any]
    empty: frozenset[str] = frozenset()


@dataclass
class Cuts:
    """What did not fit and was cut."""

    titles: list[int] = field(default_factory=list)
    """Lines of titles that were too long."""
    images: int = 0
    """Rows of whose addresses of images only the first is kept."""


class DescriptionParser:
    """Reads batches by a plan."""

    def __init__(self, plan: CataloguePlan) -> None:
        self._plan = plan
        self._columns = plan.columns
        self.cuts = Cuts()
        self.categories: Counter[str] = Counter()
        """How many good rows have each category."""
        self._by_role = {role.name: plan.columns.of(role.name) for role in plan.subject.roles}
        self._readers = {
            column: lru_cache(maxsize=_REMEMBERED)(read) for column, read in self._reads()
        }

    @property
    def columns(self) -> list[str]:
        """What a batch has to hold."""
        return self._columns.read

    @property
    def one_line(self) -> list[str]:
        """Columns in which a line break is a quote that nobody closed."""
        return self._of(ID)

    def _of(self, role: str) -> list[str]:
        return self._by_role.get(role, [])

    def _reads(self) -> Iterator[tuple[str, Callable[[str], object]]]:
        plan = self._plan
        for column in self._of(ACTIVE):
            yield column, plan.activity.read
        if plan.categories is not None:
            for column in self._of(CATEGORIES):
                yield column, plan.categories.read
        if plan.price is not None:
            for column in self._of(PRICE):
                yield column, self._price
        if plan.created is not None:
            for column in self._of(CREATED):
                yield column, self._created

    def parse(self, batch: Batch, file: str) -> tuple[list[Description], list[Reject]]:
        """What the good rows say, and the others in the order of their lines."""
        described: list[Description] = []
        problems: dict[int, Problem] = {}
        for row in range(len(batch)):
            try:
                described.append(self._describe(batch, row))
            except BadCell as error:
                problems[row] = error.problem
        for description in described:
            self.categories.update(description.fields.get("categories", ()))
        return described, rejects_of(batch, problems, file)

    def _describe(self, batch: Batch, row: int) -> Description:
        def cells(role: str) -> list[str]:
            return [batch.columns[column][row] for column in self._of(role)]

        [id_text] = cells(ID)
        row_id = read_id(self._plan.subject.one, id_text)
        fields = self._fields(batch, row, cells)
        attributes = self._attributes(batch, row, cells)
        empty = {name for name, value in (fields | attributes).items() if value in (None, "", [])}
        fields = {name: value for name, value in fields.items() if value is not None}
        if self._plan.options.keep_empty:
            fields = {name: value for name, value in fields.items() if name not in empty}
            attributes = {n: value for n, value in attributes.items() if n not in empty}
        _require_storable(fields, attributes)
        return Description((batch.lines[row],), row_id, fields, attributes, frozenset(empty))

    def _fields(self, batch: Batch, row: int, cells: Callable[[str], list[str]]) -> dict[str, Any]:
        """Columns of the table; None for a truth and a time of which an empty cell says nothing."""
        fields: dict[str, Any] = {}
        for text in cells(TITLE):
            fields["title"] = self._title(_said(text), batch.lines[row])
        if self._plan.categories is not None:
            names = [self._read(column, batch, row) for column in self._of(CATEGORIES)]
            fields["categories"] = list(dict.fromkeys(name for some in names for name in some))
        if columns := self._of(ACTIVE):
            truths = [self._read(column, batch, row) for column in columns]
            fields["is_active"] = None if set(truths) == {None} else False not in truths
        for column in self._of(CREATED):
            fields["created_at"] = self._read(column, batch, row)
        return fields

    def _attributes(
        self, batch: Batch, row: int, cells: Callable[[str], list[str]]
    ) -> dict[str, Any]:
        attributes: dict[str, Any] = {}
        for column in self._of(PRICE):
            attributes[PRICE] = self._read(column, batch, row)
            if self._plan.survey.currencies and CURRENCY not in self._plan.attributes:
                attributes[CURRENCY] = split_price(batch.columns[column][row])[1] or None
        for text in cells(URL):
            attributes[URL] = _said(text) or None
        for text in cells(IMAGE):
            first, *others = _NEXT_ADDRESS.split(_said(text))
            attributes[IMAGE] = first or None
            self.cuts.images += bool(others)
        for name, reading in self._plan.attributes.items():
            text = batch.columns[self._columns.attributes[name]][row]
            attributes[name] = reading.read(text)
        return attributes

    def _read(self, column: str, batch: Batch, row: int) -> Any:
        return self._readers[column](batch.columns[column][row])

    def _title(self, text: str, line: int) -> str:
        if len(text) > TITLE_LENGTH:
            self.cuts.titles.append(line)
        return text[:TITLE_LENGTH]

    def _price(self, text: str) -> int | float | None:
        number, _currency = split_price(text)
        if is_empty(number):
            return None
        assert self._plan.price is not None
        price = self._plan.price(number)
        if price is None:
            raise bad_cell("price {} is not a number", text)
        return price

    def _created(self, text: str) -> Any:
        if is_empty(text):
            return None
        assert self._plan.created is not None
        milliseconds = self._plan.created.read(text)
        if milliseconds is None or not EARLIEST_MS <= milliseconds <= _LATEST_MS:
            raise bad_cell("created {} is not written as the other times are", text)
        return from_epoch_ms(milliseconds)


def merged(earlier: Description, later: Description) -> Description:
    """What both say of the same id: the later counts, an empty cell only where the other says
    nothing either."""
    overruled = later.empty - earlier.empty
    fields = {name: value for name, value in later.fields.items() if name not in overruled}
    attributes = {name: value for name, value in later.attributes.items() if name not in overruled}
    return Description(
        earlier.lines + later.lines,
        later.id,
        earlier.fields | fields,
        earlier.attributes | attributes,
        earlier.empty & later.empty,
    )


def _said(text: str) -> str:
    return "" if is_empty(text) else text.strip()


def _require_storable(fields: dict[str, Any], attributes: dict[str, Any]) -> None:
    known = {name: value for name, value in attributes.items() if value is not None}
    text = json.dumps(known, ensure_ascii=False)
    try:
        f"{text}{fields.get('title', '')}{fields.get('categories', '')}".encode()
    except UnicodeEncodeError:
        raise BadCell(_NOT_UTF8) from None
    if len(text) > ATTRIBUTES_LENGTH:
        longest = max(known, key=lambda name: len(str(known[name])))
        kind = f"attributes have more than {ATTRIBUTES_LENGTH:,} characters as JSON"
        reason = f"{kind}: {len(text):,}, the most of them in '{longest}' (--ignore leaves it out)"
        raise BadCell(Problem(kind, reason))
