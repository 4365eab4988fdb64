"""The file of rows that did not go in."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from services.generator.importing.raw_rows import Reject

_EXAMPLES = 3


class Rejects:
    """Writes rejects to `<folder>/<file name>-<UTC time>.csv`, which exists once there is one."""

    def __init__(self, folder: Path, source: str, now: dt.datetime) -> None:
        self.path = folder / f"{source}-{now:%Y%m%dT%H%M%S.%fZ}.csv"
        self.counts: Counter[str] = Counter()
        """How many of each file."""
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
        """Write them down; the first few are kept for the summary."""
        for reject in rejects:
            if self._file is None:
                self._file = self._open()
            csv.writer(self._file).writerow(reject)
            self.counts[reject.file] += 1
            if len(self.first) < _EXAMPLES:
                self.first.append(reject)

    def _open(self) -> TextIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Bytes that were no UTF-8 are written as they were read.
        file = self.path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        csv.writer(file).writerow(Reject._fields)
        return file

    def examples(self) -> str:
        """The first few, for people."""
        return "; ".join(
            f"{reject.file} line {reject.line}: {reject.reason}" for reject in self.first
        )
