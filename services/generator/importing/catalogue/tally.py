"""What became of the rows of a file of items or users."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.generator.importing.catalogue.rows import Cuts, Description
from services.generator.importing.catalogue.writing import Written


@dataclass
class CatalogueTally:
    """Every row read is new, changed, unchanged, a repetition of another row's id, or rejected."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    erased: int = 0
    """Of the rejected rows those whose users were erased: nothing is wrong with them."""
    reasons: Counter[str] = field(default_factory=Counter)
    """How many rows were rejected for which reason."""
    categories: Counter[str] = field(default_factory=Counter)
    """How many good rows have each category."""
    cuts: Cuts = field(default_factory=Cuts)

    @property
    def bad_share(self) -> float:
        """Rows that are rejected for what they say, of all."""
        return (self.rejected - self.erased) / self.read if self.read else 0.0

    def add(self, described: Sequence[Description], written: Written) -> None:
        """Count what became of descriptions, each of another id."""
        self.new += written.new
        self.changed += written.changed
        self.unchanged += written.unchanged
        kept = (d for d in described if d.id not in written.erased)
        self.repeated += sum(len(d.lines) - 1 for d in kept)
