"""What the columns of a table hold, found by reading it from end to end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.generator.importing.reading.numbers import NumberSurvey
from services.generator.importing.reading.roles import Kind, Recognition
from services.generator.importing.reading.table import Batch, Table, shortened
from services.generator.importing.reading.times import TimeSurvey

HEAD_ROWS = 10_000
_BATCH_ROWS = 10_000
_EXAMPLES = 3
_NAMES = 10_000  # different names of events; a column with more holds none


@dataclass
class Survey:
    """The first rows with all columns, and what the columns in use hold in the whole file."""

    head: Batch
    numbers: dict[str, NumberSurvey] = field(default_factory=dict)
    times: dict[str, TimeSurvey] = field(default_factory=dict)
    names: dict[str, Counter[str]] = field(default_factory=dict)

    def examples(self, column: str) -> str:
        """Three different cells of the column, for people."""
        filled = dict.fromkeys(filter(None, self.head.columns[column]))
        return ", ".join(shortened(cell, 24) for cell in list(filled)[:_EXAMPLES]) or "empty"


def survey(table: Table, recognition: Recognition) -> Survey:
    """Read the table: the cells that are numbers, times or names decide by all of them how their
    column is read. Raises TableError where the file breaks off."""
    needed = list(recognition.named().values())
    found = Survey(_head(table, needed))
    by_kind: Mapping[Kind, list[str]] = {
        kind: [
            use.name for use in recognition.uses if use.role is not None and use.role.kind is kind
        ]
        for kind in (Kind.NUMBER, Kind.TIME, Kind.NAME)
    }
    found.numbers = {name: NumberSurvey() for name in by_kind[Kind.NUMBER]}
    found.times = {name: TimeSurvey() for name in by_kind[Kind.TIME]}
    found.names = {name: Counter() for name in by_kind[Kind.NAME]}
    columns = [name for names in by_kind.values() for name in names]
    if columns:
        for batch in table.batches(_BATCH_ROWS, columns, one_line=needed):
            _take_in(found, batch)
    return found


def _head(table: Table, needed: Sequence[str]) -> Batch:
    empty = Batch([], {name: [] for name in table.names}, lambda _row: "", 0)
    return next(table.batches(HEAD_ROWS, table.names, one_line=needed), empty)


def _take_in(found: Survey, batch: Batch) -> None:
    for name, numbers in found.numbers.items():
        numbers.add(batch.columns[name])
    for name, times in found.times.items():
        times.add(batch.columns[name])
    for name, names in found.names.items():
        if len(names) < _NAMES:
            names.update(batch.columns[name])
