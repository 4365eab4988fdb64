"""The rows that did not go in: counted by reason, and written to a file."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from services.generator.importing.reading.table import Reject

_EXAMPLES = 3
_MOST_REASONS = 1_000  # each name of an event that nobody knows is one
_HEADER = ("file", "line", "reason", "text")


class Rejects:
    """Counts rejects, and writes them to `<folder>/<file name>-<UTC time>.csv`, which exists once
    there is one; without a folder they are counted alone."""

    def __init__(self, folder: Path | None, source: str, now: dt.datetime) -> None:
        self.path = folder and folder / f"{source}-{now:%Y%m%dT%H%M%S.%fZ}.csv"
        self.counts: Counter[str] = Counter()
        """How many of each file."""
        self.reasons: dict[str, Counter[str]] = {}
        """How many of each file for each reason."""
        self.first: list[Reject] = []
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add_all(self, rejects: Iterable[Reject]) -> None:
        """Count them and write them down; the first few are kept for the summary."""
        for reject in rejects:
            self._write(reject)
            self.counts[reject.file] += 1
            self._count_reason(reject)
            if len(self.first) < _EXAMPLES:
                self.first.append(reject)

    def _count_reason(self, reject: Reject) -> None:
        reasons = self.reasons.setdefault(reject.file, Counter())
        kind = reject.problem.kind
        known = kind in reasons or len(reasons) < _MOST_REASONS
        reasons[kind if known else "another reason"] += 1

    def _write(self, reject: Reject) -> None:
        if self.path is None:
            return
        if self._file is None:
            self._file = self._open(self.path)
        row = (reject.file, reject.line, reject.problem.reason, reject.text)
        csv.writer(self._file).writerow(row)

    def _open(self, path: Path) -> TextIO:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Bytes that were no UTF-8 are written as they were read.
        file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        csv.writer(file).writerow(_HEADER)
        return file

    def examples(self) -> str:
        """The first few, for people."""
        return "; ".join(
            f"{reject.file} line {reject.line}: {reject.problem.reason}" for reject in self.first
        )
