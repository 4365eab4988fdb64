"""What differs between two JSON values, and between two arrays."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

WIDTH = 200  # characters of a printed line
MOST_CHARACTERS = WIDTH // 2 - 20  # of a printed value
CONTEXT = WIDTH // 10  # equal characters that stay before the first that differs
ABSENT = "(nothing there)"


@dataclass(frozen=True)
class Difference:
    """One place in which two values differ: its path, empty for the whole, and how."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text

    @property
    def pattern(self) -> str:
        """The path with N for each number: places of a list, and ids that are numbers, are one."""
        return re.sub(r"\d+", "N", self.path) or "the whole"


def all_differences(a: Any, b: Any) -> list[Difference]:
    """All of `differences`, found out faster where there is none."""
    return [] if json.dumps(a) == json.dumps(b) else list(differences(a, b))


def differences(a: Any, b: Any, path: str = "") -> Iterator[Difference]:
    """What differs between two JSON values, the order of fields and the type of numbers too."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in dict.fromkeys([*a, *b]):
            yield from differences(a.get(name, ABSENT), b.get(name, ABSENT), f"{path}.{name}")
        if a.keys() == b.keys() and list(a) != list(b):
            yield Difference(path, f"the order of {', '.join(a)} is {', '.join(b)}")
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield Difference(path, f"{len(a)} elements, then {len(b)}")
        for index, (element, other) in enumerate(zip(a, b, strict=False)):
            yield from differences(element, other, f"{path}.{index}")
    elif type(a) is not type(b) or json.dumps(a) != json.dumps(b):
        texts = [value if value == ABSENT else json.dumps(value) for value in (a, b)]
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
        equal = max(0, sum(1 for _pair in alike) - CONTEXT)
        text = f"{shortened(texts[0], equal)}, then {shortened(texts[1], equal)}"
        yield Difference(path, text)


def shortened(text: str, equal: int = 0) -> str:
    """A text; of one that is too long the part after the first `equal` characters."""
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{'…' if equal else ''}{text[equal : equal + MOST_CHARACTERS]}…"


def array_differences(a: Path | None, b: Path | None) -> Iterator[Difference]:
    """How two `.npy` files differ; None is one that is not there."""
    if a is None or b is None:
        yield Difference("", "is in one of the folders only")
        return
    if _sha256(a) == _sha256(b):
        return
    array, other = np.load(a), np.load(b)
    if (array.dtype, array.shape) != (other.dtype, other.shape):
        text = f"{array.dtype}{[*array.shape]}, then {other.dtype}{[*other.shape]}"
        yield Difference("", text)
        return
    array, other = array.astype(np.float64), other.astype(np.float64)
    differ = ~((array == other) | (np.isnan(array) & np.isnan(other)))
    most = np.abs(array - other)[differ].max(initial=0)
    count = f"{np.count_nonzero(differ):,} of {differ.size:,}"
    yield Difference("", f"{count} values differ, by {most:g} at most")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
