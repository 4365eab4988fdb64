"""JSON values without what no two trainings or runs have in common."""

import re
from typing import Any

VERSION_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
REPLACEMENTS = (  # within a text, in this order
    (re.compile(rf"({VERSION_NAME.pattern})\.[0-9a-f]{{16}}"), r"\1.ID"),
    (VERSION_NAME, "VERSION"),
    (re.compile(r"\d{8}T\d{6}\.\d{6}Z"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"), "TIME"),
)
TIMES = {"created_at", "erased_at", "exported_at", "activated_at", "started_at", "finished_at"}
ERASURE_MARK = re.compile(r"-[0-9a-f]{8}(?=\.npy$)")  # of an array that an erasure has written


def normal(value: Any) -> Any:
    """A JSON value without names of versions, ids of lists, times, and the order of two sets.

    The sets are the methods in `allow`, and the models in an export's `numbers`.
    """
    if isinstance(value, str):
        for pattern, replacement in REPLACEMENTS:
            value = pattern.sub(replacement, value)
        return value
    if isinstance(value, list):
        return [normal(element) for element in value]
    if isinstance(value, dict):
        return {
            name: _normal_field(name, content)
            for name, content in value.items()
            if name != "seconds" and not name.endswith("_seconds")
        }
    return value


def _normal_field(name: str, value: Any) -> Any:
    if name in TIMES and isinstance(value, str):
        return "TIME"
    if name == "allow" and isinstance(value, str):
        return sorted(value.split(", "))
    if name == "numbers" and isinstance(value, dict):
        return normal(dict(sorted(value.items())))
    return normal(value)


def normal_array_name(name: str) -> str:
    """The path of an array, whichever version it belongs to and whichever erasure wrote it."""
    return ERASURE_MARK.sub("", normal(name))
