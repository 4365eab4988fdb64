"""Cells of a column become values, or problems of their rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from services.generator.importing.reading.table import (
    EMPTY_MARKS,
    Batch,
    Problem,
    Reject,
    shortened,
)
from shared.database.row_rules import RowRule, RuleViolation, checked_id
from shared.database.tables import ID_LENGTH

_REMEMBERED = 50_000  # texts of a column, 10 MB

T = TypeVar("T")


class BadCell(Exception):
    """A cell for which its row is rejected."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def bad_cell(template: str, text: str) -> BadCell:
    """A problem in words, `{}` in them standing for the cell."""
    return BadCell(Problem(template.replace("{} ", ""), template.format(shortened(text))))


class Read(NamedTuple, Generic[T]):
    """The values of a column's cells (None for a bad one), and what is wrong, by row."""

    values: Sequence[T | None]
    problems: dict[int, Problem]


class CellReader(Generic[T]):
    """Reads the cells of a column, each text once: most columns repeat theirs."""

    def __init__(self, read: Callable[[str], T]) -> None:
        self._read = read
        self._known: dict[str, T | None] = {}
        self._bad: dict[str, Problem] = {}

    def read_all(self, cells: Sequence[str]) -> Read[T]:
        """What the cells say."""
        texts = set(cells)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
            self._bad.clear()
        for text in texts - self._known.keys():
            self._learn(text)
        problems = {}
        if not self._bad.keys().isdisjoint(texts):
            problems = {row: self._bad[text] for row, text in enumerate(cells) if text in self._bad}
        return Read(list(map(self._known.__getitem__, cells)), problems)

    def _learn(self, text: str) -> None:
        try:
            self._known[text] = self._read(text)
        except BadCell as error:
            self._known[text] = None
            self._bad[text] = error.problem


def read_id(name: str, text: str) -> str:
    """The id of a user or an item as it is stored."""
    try:
        # A user called NULL would be everyone of whom nothing is known.
        return checked_id(f"{name}_id", "" if text in EMPTY_MARKS else text)
    except RuleViolation as violation:
        reasons = {
            RowRule.PRESENT: "is missing",
            RowRule.SHORT: f"has more than {ID_LENGTH} characters",
            RowRule.UTF8: "is not UTF-8",
        }
        reason = f"{name} id {reasons[violation.rule]}"
        raise BadCell(Problem(reason, reason)) from None


def rejects_of(batch: Batch, problems: Mapping[int, Problem], file: str) -> list[Reject]:
    """The bad rows of a batch, in the order of their lines; `problems` are by row."""
    bad = [
        Reject(file, batch.lines[row], problem, batch.text(row))
        for row, problem in problems.items()
    ]
    return sorted([*bad, *batch.broken], key=lambda reject: reject.line)
