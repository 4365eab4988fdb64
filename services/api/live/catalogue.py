"""What there is to show at this moment: the items of a version, and those that came since."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.api.live.columns.attributes import AttributeColumns
from services.api.live.columns.categories import ItemCategories
from services.api.live.columns.masks import filter_mask
from services.api.live.new_items import ColdStartGroups, ItemIndices, Neighbours, nearest_items
from services.api.schemas.filters.conditions import ItemFilter
from shared.arrays.types import Float32, Indices, Mask
from shared.artifacts.versions import Version
from shared.database.attributes import attributes_text
from shared.database.categories import category_names
from shared.database.event_types import EVENT_WEIGHTS
from shared.database.storage import catalogue_epoch
from shared.scorers.histories import NO_TIME, Weighting

T = TypeVar("T", bound=np.generic)
V = TypeVar("V")

MASK_BYTES = 32 * 2**20  # of the latest filters: 32 of a million items
MOST_MASKS = 256


class ItemRow(NamedTuple):
    """A row of the table `items`; `created_at` in milliseconds since 1970."""

    item_id: str
    title: str
    categories: tuple[str, ...]
    attributes: dict[str, Any]
    is_active: bool
    created_at: int | None = None

    @property
    def is_described(self) -> bool:
        """Whether anybody has said anything; an event registers an item without a word."""
        return bool(self.title or self.categories or self.attributes)


@dataclass(frozen=True)
class CatalogueChange:
    """Rows of `items` that were written after some revision, and the revision after them."""

    revision: int
    rows: Sequence[ItemRow]

    def began_anew(self, since: int | None) -> bool:
        """Whether the table was emptied after the revision `since`, or is another one."""
        return since is not None and (
            self.revision < since or catalogue_epoch(self.revision) != catalogue_epoch(since)
        )


@dataclass(frozen=True)
class NewItem:
    """An item that the version does not know, and its position among the cold-start groups."""

    item_id: str
    title: str
    group: int


@dataclass(frozen=True)
class Catalogue:
    """Items by index: those of the version keep theirs, new ones come after them.

    `weighting` makes histories of events; `is_active` and `is_described` bool[items], `created_at`
    int64[items] as Content has it; `revised_titles` are those of trained items that the version
    knows by another.
    """

    version: Version
    weighting: Weighting
    revision: int | None
    is_active: Mask
    is_described: Mask
    created_at: NDArray[np.int64]
    categories: ItemCategories
    attributes: AttributeColumns
    revised_titles: Mapping[int, str]
    new: Sequence[NewItem]
    new_indices: Mapping[str, int]
    cold_start_groups: ColdStartGroups

    @classmethod
    def of(cls, version: Version, event_weights: dict[str, float] = EVENT_WEIGHTS) -> "Catalogue":
        """What the version alone knows; `event_weights` are those of types that it never saw."""
        content = version.content
        n_items, created_at = len(content.items), content.created_at
        categories = ItemCategories.of(content.categories)
        return cls(
            version=version,
            weighting=version.manifest.weighting.knowing(event_weights),
            revision=None,
            is_active=np.array(content.is_active),
            is_described=content.is_described,
            created_at=np.full(n_items, NO_TIME) if created_at is None else np.array(created_at),
            categories=categories,
            attributes=AttributeColumns(content.attributes, {}, n_items),
            revised_titles={},
            new=(),
            new_indices={},
            cold_start_groups=ColdStartGroups(),
        )

    def after(self, change: CatalogueChange) -> "Catalogue":
        """The catalogue with rows that were written since."""
        editor = _Editor(self)
        for row in change.rows:
            editor.write(row)
        return editor.catalogue(change.revision)

    def __len__(self) -> int:
        return self.trained + len(self.new)

    @property
    def trained(self) -> int:
        """How many of the items the version was trained on."""
        return len(self.version.content.items)

    @cached_property
    def _found(self) -> dict[str, int]:
        return {}

    def find(self, item_id: str) -> int:
        """The index of an item, or -1."""
        index = self._found.get(item_id, -1)
        if index < 0:
            index = self.new_indices.get(item_id, -1)
            if index < 0:
                index = self.version.content.items.find(item_id)
            if index >= 0:  # a look-up takes 5 µs, and a history of 200 events as many of them
                self._found[item_id] = index
        return index

    def find_all(self, item_ids: Iterable[str]) -> ItemIndices:
        """The index of each item, or -1, int64[n]."""
        return np.fromiter((self.find(item_id) for item_id in item_ids), dtype=np.int64)

    def item_id(self, index: int) -> str:
        if index >= self.trained:
            return self.new[index - self.trained].item_id
        return self.version.content.items[index]

    def title(self, index: int) -> str:
        if index >= self.trained:
            return self.new[index - self.trained].title
        title = self.revised_titles.get(index)
        return self.version.content.titles[index] if title is None else title

    @cached_property
    def new_ids(self) -> Sequence[str]:
        """The ids of the new items, in their order."""
        return sorted(self.new_indices)

    @cached_property
    def matching(self) -> Callable[[ItemFilter], Mask]:
        """Which items fulfil a filter, bool[items]; WrongFilter. The latest are kept."""
        most = min(MASK_BYTES // max(len(self), 1), MOST_MASKS)
        return lru_cache(max(most, 1))(partial(filter_mask, self.categories, self.attributes))

    @cached_property
    def _new_item_groups(self) -> NDArray[np.int64]:
        return np.array([item.group for item in self.new], dtype=np.int64)

    def extended(self, values: Float32) -> Float32:
        """Values of the trained items [n, trained], and after them what they make expect of the
        new ones; float32[n, items]."""
        if not self.new:
            return values
        neighbours = self.cold_start_groups.neighbours
        of_groups = neighbours.means(values[:, neighbours.members])
        return np.concatenate([values, of_groups[:, self._new_item_groups]], axis=1)

    def neighbours(self, item_indices: ItemIndices) -> Neighbours:
        """The trained items by which items, at least one, are scored: it, or those of its group."""
        return Neighbours.of([self._neighbours(index) for index in item_indices.tolist()])

    def _neighbours(self, item_index: int) -> ItemIndices:
        if item_index < self.trained:
            return np.array([item_index])
        return self.cold_start_groups.members[self.new[item_index - self.trained].group]

    def is_new(self, item_indices: Indices) -> Mask:
        """Which of the items the version does not know, bool[n]."""
        return item_indices >= self.trained


class _Editor:
    """Writes rows into copies of a catalogue's parts."""

    def __init__(self, before: Catalogue) -> None:
        self._before = before
        # By item, later ones in the place of earlier ones: at its start all rows are read.
        self._items = array("q")
        self._is_active, self._is_described = array("b"), array("b")
        self._created_at = array("q")
        self._categories: dict[int, list[str]] = {}
        self._attributes: dict[int, str] = {}
        self._titles = dict(before.revised_titles)
        self._new = list(before.new)
        self._new_indices = dict(before.new_indices)
        self._positions = dict(before.cold_start_groups.positions)
        self._members = list(before.cold_start_groups.members)

    def write(self, row: ItemRow) -> None:
        index = self._index(row.item_id)
        is_described = row.is_described
        if index < self._before.trained:
            is_described |= bool(self._before.version.content.is_described[index])
            row = self._revise(index, row)
        else:
            self._new[index - self._before.trained] = self._described(row)
        self._items.append(index)
        self._is_active.append(row.is_active)
        self._is_described.append(is_described)
        self._created_at.append(int(NO_TIME) if row.created_at is None else row.created_at)
        self._note(self._categories, index, [*row.categories], self._before.categories.of_item)
        text = attributes_text(row.attributes)
        self._note(self._attributes, index, text, self._before.attributes.text)

    def _note(
        self, changes: dict[int, V], index: int, value: V, before: Callable[[int], V]
    ) -> None:
        """Among the changes, where it is one."""
        if index < len(self._before) and value == before(index):
            changes.pop(index, None)
        else:
            changes[index] = value

    def _index(self, item_id: str) -> int:
        """The index of an item, a new one for one that nobody knows."""
        index = self._before.find(item_id)
        if index < 0:
            next_index = self._before.trained + len(self._new)
            index = self._new_indices.setdefault(item_id, next_index)
            if index == next_index:
                self._new.append(NewItem(item_id, "", 0))
        return index

    def _revise(self, index: int, row: ItemRow) -> ItemRow:
        """What the row of a trained item says; one that an event registered says nothing, and one
        without a title leaves it as it is known."""
        content = self._before.version.content
        known = content.titles[index]
        if not row.is_described:
            row = row._replace(
                categories=tuple(category_names(content.categories[index])),
                attributes=AttributeColumns(content.attributes, {}, 0).of(index),
            )
        if row.title in ("", known):
            self._titles.pop(index, None)
        else:
            self._titles[index] = row.title
        return row._replace(title=row.title or known)

    def _described(self, row: ItemRow) -> NewItem:
        manifest, content = self._before.version.manifest, self._before.version.content
        own = {"category": [*row.categories]} if row.categories else {}
        description = manifest.item_features.encode({**row.attributes, **own})
        key = description.tobytes()
        if key not in self._positions:
            self._positions[key] = len(self._members)
            self._members.append(nearest_items(description, content.item_features))
        return NewItem(row.item_id, row.title, self._positions[key])

    def catalogue(self, revision: int) -> Catalogue:
        before, n_items = self._before, self._before.trained + len(self._new)
        return Catalogue(
            version=before.version,
            weighting=before.weighting,
            revision=revision,
            is_active=self._written(before.is_active, self._is_active, n_items),
            is_described=self._written(before.is_described, self._is_described, n_items),
            created_at=self._written(before.created_at, self._created_at, n_items),
            categories=before.categories.after(self._categories, n_items),
            attributes=before.attributes.after(self._attributes, n_items),
            revised_titles=self._titles,
            new=self._new,
            new_indices=self._new_indices,
            cold_start_groups=ColdStartGroups(self._positions, self._members),
        )

    def _written(self, column: NDArray[T], values: "array[int]", n_items: int) -> NDArray[T]:
        """A column of so many items with the rows' values."""
        written = np.empty(n_items, dtype=column.dtype)
        written[: len(column)] = column
        written[self._items] = values
        return written
