"""How figures are printed: one row a measure, with what it must reach beside it."""

import datetime as dt
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measured figure; `target` and `reached` where one was promised."""

    measure: str
    figure: str
    target: str = ""
    reached: bool | None = None

    def markdown(self) -> str:
        verdict = {None: "", True: "yes", False: "**no**"}[self.reached]
        return f"| {self.measure} | {self.figure} | {self.target} | {verdict} |"


HEADER = "| measure | figure | must | reached |\n|---|---|---|---|"


def machine() -> str:
    """The machine and the day, to stand beside the figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), "
        f"{memory:.0f} GiB, Python {platform.python_version()}"
    )


def printed(lines: Iterable[str]) -> list[str]:
    """The lines, each printed as it comes: a benchmark takes minutes."""
    kept = []
    for line in lines:
        print(line, flush=True)
        kept.append(line)
    return kept
