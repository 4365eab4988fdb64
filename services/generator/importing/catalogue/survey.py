"""What the columns of a file of items or users hold, found by reading it from end to end."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.generator.importing.catalogue.attribute_types import AttributeSurvey
from services.generator.importing.catalogue.categories import CategorySurvey
from services.generator.importing.catalogue.columns import CatalogueColumns
from services.generator.importing.catalogue.roles import ACTIVE, CATEGORIES, CREATED, ID, PRICE
from services.generator.importing.reading.numbers import NumberSurvey
from services.generator.importing.reading.survey import HEAD_ROWS, Survey
from services.generator.importing.reading.table import Batch, Table
from services.generator.importing.reading.times import TimeSurvey
from services.generator.importing.writing.seen_rows import SeenRows

_BATCH_ROWS = 5_000
_MOST_WORDS = 10_000  # of a column of words; a column with more holds none

_CURRENCY = re.compile(r"(?P<before>[A-Z]{3})?\s*(?P<number>[^A-Za-z]*?)\s*(?P<after>[A-Z]{3})?")


@dataclass
class CatalogueSurvey(Survey):
    """`words` are the different cells of columns that say whether an item is active."""

    attributes: dict[str, AttributeSurvey] = field(default_factory=dict)
    categories: CategorySurvey = field(default_factory=CategorySurvey)
    words: dict[str, set[str]] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)
    repeating: set[int] = field(default_factory=set)
    """Hashes of the ids of which there are several rows."""
    _seen: SeenRows = field(default_factory=SeenRows)

    def move_to_attributes(self, column: str) -> None:
        """The column says something else than whether items are active."""
        survey = AttributeSurvey()
        survey.add(sorted(self.words.pop(column)))
        self.attributes[column] = survey

    def take_in(self, batch: Batch) -> None:
        """Take in more rows."""
        for column, found in self.attributes.items():
            found.add(batch.columns[column])
        for column, words in self.words.items():
            if len(words) <= _MOST_WORDS:
                words.update(cell.strip() for cell in batch.columns[column])
        for column, numbers in self.numbers.items():
            split = [split_price(cell) for cell in batch.columns[column]]
            numbers.add([number for number, _currency in split])
            self.currencies.update(currency for _number, currency in split if currency)
        for column, times in self.times.items():
            times.add(batch.columns[column])

    def take_in_ids(self, ids: Sequence[str]) -> None:
        """Take in the ids of more rows."""
        hashes = id_hashes([row_id for row_id in ids if row_id])
        self.repeating.update(hashes[self._seen.occurrences(hashes) > 0].tolist())


def id_hashes(ids: Sequence[str]) -> NDArray[np.uint64]:
    """A 64-bit hash of each id."""
    encoded = (row_id.encode("utf-8", "surrogatepass") for row_id in ids)
    digests = b"".join(hashlib.blake2b(text, digest_size=8).digest() for text in encoded)
    return np.frombuffer(digests, dtype=np.uint64)


def first_rows(table: Table) -> Batch:
    """The first rows with all columns."""
    empty = Batch([], {name: [] for name in table.names}, lambda _row: "", 0)
    return next(table.batches(HEAD_ROWS, table.names), empty)


def survey(table: Table, columns: CatalogueColumns, head: Batch) -> CatalogueSurvey:
    """Read the table; TableError where the file breaks off."""
    found = CatalogueSurvey(head)
    found.attributes = {column: AttributeSurvey() for column in columns.attributes.values()}
    found.words = {column: set() for column in columns.of(ACTIVE)}
    found.numbers = {column: NumberSurvey() for column in columns.of(PRICE)}
    found.times = {column: TimeSurvey() for column in columns.of(CREATED)}
    categories = columns.of(CATEGORIES)
    for batch in table.batches(_BATCH_ROWS, columns.read, one_line=columns.of(ID)):
        found.take_in(batch)
        for column in columns.of(ID):
            found.take_in_ids(batch.columns[column])
        for column in categories:
            found.categories.add(batch.columns[column])
    return found


def split_price(text: str) -> tuple[str, str]:
    """The number in `19.99 EUR` or `USD 5`, and the currency's code, empty where there is none."""
    found = _CURRENCY.fullmatch(text.strip())
    if found is None:
        return text, ""
    return found["number"], found["before"] or found["after"] or ""
