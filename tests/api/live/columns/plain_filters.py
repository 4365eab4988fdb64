"""Filters as plain Python understands them: what the masks are held against."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

UTC = dt.UTC


def fulfils(asked: Mapping[str, Any], categories: Sequence[str], attributes: Any) -> bool:
    """Whether an item fulfils a filter, as docs/how-to/filters.md says it."""
    by_category = asked.get("categories", {})
    if "any" in by_category and not set(by_category["any"]) & set(categories):
        return False
    if "all" in by_category and not set(by_category["all"]) <= set(categories):
        return False
    if "none" in by_category and set(by_category["none"]) & set(categories):
        return False
    conditions = asked.get("attributes", {})
    return all(_holds(condition, attributes.get(name)) for name, condition in conditions.items())


def _holds(condition: Any, value: Any) -> bool:
    entries = _entries(value)
    if not isinstance(condition, dict):
        return _is_among(entries, [condition])
    checks: list[tuple[str, Callable[[Any], bool]]] = [
        ("in", lambda sought: _is_among(entries, sought)),
        ("not_in", lambda sought: not _is_among(entries, sought)),
        ("present", lambda expected: bool(entries) is expected),
    ]
    if not all(check(condition[operator]) for operator, check in checks if operator in condition):
        return False
    ends = condition.keys() & {"min", "max"}
    return not ends or any(_is_within(condition, entry) for entry in entries)


def _entries(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _is_among(entries: Sequence[Any], sought: Sequence[Any]) -> bool:
    """True is not 1, as in JSON."""
    pairs = [(isinstance(entry, bool), entry) for entry in entries]
    return any((isinstance(one, bool), one) in pairs for one in sought)


def _is_within(condition: Mapping[str, Any], entry: Any) -> bool:
    low, high = condition.get("min"), condition.get("max")
    if isinstance(low, str) or isinstance(high, str):
        moment = _moment(entry)
        return moment is not None and (
            (low is None or _moment(low) <= moment) and (high is None or moment < _after(high))
        )
    if isinstance(entry, bool) or not isinstance(entry, int | float):
        return False
    return (low is None or low <= entry) and (high is None or entry <= high)


def _moment(entry: Any) -> Any:
    if not isinstance(entry, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(entry)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _after(high: str) -> dt.datetime:
    """The first moment that comes after `max`, which is a day in these tests."""
    day: dt.datetime = _moment(high)
    return day + dt.timedelta(days=1)
