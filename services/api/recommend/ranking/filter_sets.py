"""The filters that requests ask for: their own, and those of the settings by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.api.problems import WrongFilter
from services.api.schemas.filters.conditions import ItemFilter, RequestedFilter
from services.api.schemas.filters.grammar import (
    WrongGrammar,
    in_categories,
    is_json,
    is_utf8,
    parse_filter,
    read_json,
)

MOST_NAMES = 20  # in an error
NAME_LENGTH = 200


@dataclass(frozen=True)
class FilterSets:
    """Filters by name, as the setting FILTERS has them."""

    by_name: Mapping[str, ItemFilter] = field(default_factory=dict)

    def item_filter(
        self, requested: RequestedFilter | None, categories: Sequence[str] | None = None
    ) -> ItemFilter | None:
        """What a request's `filter` and `categories` ask for together; None for nothing.

        WrongFilter for a name that is none of ours.
        """
        parts = [] if requested is None else [*self._parts(requested)]
        if categories is not None:
            parts.append(in_categories([*categories]))
        if len(parts) > 1:
            return ItemFilter.all_of(parts)
        return parts[0] if parts else None

    def _parts(self, requested: RequestedFilter) -> Iterator[ItemFilter]:
        for part in requested.parts:
            if isinstance(part, ItemFilter):
                yield part
            elif part in self.by_name:
                yield self.by_name[part]
            else:
                raise WrongFilter(self._no_such(part))

    def _no_such(self, name: str) -> str:
        names = ", ".join(sorted(self.by_name)[:MOST_NAMES])
        known = f"There are: {names}." if names else "FILTERS in the settings names none."
        return f"filter: there is no filter '{name}'. {known}"


def parse_filter_sets(value: object) -> object:
    """Filters by name from the text of a setting; ValueError in words that name the part."""
    if not isinstance(value, str):
        return value
    try:
        sets = read_json(value)
    except WrongGrammar as error:
        raise ValueError(f"{error}"[:1].upper() + f"{error}"[1:]) from None
    if not isinstance(sets, dict):
        raise ValueError('It is no object such as {"in_stock": {"attributes": {"stock": true}}}')
    return FilterSets({name: _filter_of(name, written) for name, written in sets.items()})


def _filter_of(name: str, written: object) -> ItemFilter:
    if not 1 <= len(name) <= NAME_LENGTH or is_json(name) or not is_utf8(name):
        raise ValueError(f"A name has 1 to {NAME_LENGTH} characters and is no JSON, not {name!r}")
    try:
        return parse_filter(written)
    except WrongGrammar as error:
        raise ValueError(f"{name}: {error}") from None
