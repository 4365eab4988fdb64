"""Progress bars that suit a terminal and a container's log alike."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress(what: str, total: int | None, unit: str) -> Iterator[Callable[[float], object]]:
    """A bar on standard error; the value is called with how many more units are done.

    A terminal sees it ten times a second, a log a line every five seconds.
    """
    with tqdm(
        desc=what,
        total=total,
        unit=f" {unit}",
        unit_scale=True,
        mininterval=0.1 if sys.stderr.isatty() else 5,
        dynamic_ncols=True,
        file=sys.stderr,
    ) as bar:
        yield bar.update
