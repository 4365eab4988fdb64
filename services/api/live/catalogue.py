"""What there is to show at this moment: the items of a version, and those that came since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.api.live.new_items import ColdStartGroups, ItemIndices, Neighbours, nearest_items
from shared.arrays.types import Float32, Indices, Mask
from shared.artifacts.versions import Version
from shared.database.event_types import EVENT_WEIGHTS
from shared.database.storage import catalogue_epoch
from shared.scorers.histories import Weighting


class ItemRow(NamedTuple):
    """A row of the table `items`."""

    item_id: str
    title: str
    category: str
    attributes: dict[str, Any]
    is_active: bool


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

    row: ItemRow
    group: int


@dataclass(frozen=True)
class Catalogue:
    """Items by index: those of the version keep theirs, new ones come after them.

    `weighting` makes histories of events; `is_active` bool[items], `category_codes` int32[items]
    are positions in `categories`; `revised` holds the rows of trained items that say something else
    than the version does.
    """

    version: Version
    weighting: Weighting
    revision: int | None
    is_active: Mask
    category_codes: NDArray[np.int32]
    categories: Mapping[str, int]
    revised: Mapping[int, ItemRow]
    new: Sequence[NewItem]
    new_indices: Mapping[str, int]
    cold_start_groups: ColdStartGroups

    @classmethod
    def of(cls, version: Version, event_weights: dict[str, float] = EVENT_WEIGHTS) -> "Catalogue":
        """What the version alone knows; `event_weights` are those of types that it never saw."""
        content = version.content
        names, codes = np.unique(
            np.array(list(content.categories), dtype=object), return_inverse=True
        )
        return cls(
            version=version,
            weighting=version.manifest.weighting.knowing(event_weights),
            revision=None,
            is_active=np.array(content.is_active),
            category_codes=codes.astype(np.int32),
            categories={str(name): code for code, name in enumerate(names)},
            revised={},
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
            return self.new[index - self.trained].row.item_id
        return self.version.content.items[index]

    def title(self, index: int) -> str:
        row = self._row(index)
        return self.version.content.titles[index] if row is None else row.title

    def category(self, index: int) -> str:
        row = self._row(index)
        return self.version.content.categories[index] if row is None else row.category

    def _row(self, index: int) -> ItemRow | None:
        if index >= self.trained:
            return self.new[index - self.trained].row
        return self.revised.get(index)

    def in_categories(self, names: Iterable[str]) -> Mask:
        """Which items are in one of the categories, bool[items]."""
        codes = [self.categories[name] for name in names if name in self.categories]
        return np.isin(self.category_codes, codes)

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
        self._is_active = before.is_active.tolist()
        self._codes = before.category_codes.tolist()
        self._categories = dict(before.categories)
        self._revised = dict(before.revised)
        self._new = list(before.new)
        self._new_indices = dict(before.new_indices)
        self._positions = dict(before.cold_start_groups.positions)
        self._members = list(before.cold_start_groups.members)

    def write(self, row: ItemRow) -> None:
        index = self._before.find(row.item_id)
        if index < 0:
            index = self._new_indices[row.item_id] = len(self._codes)
            self._new.append(self._described(row))
            self._is_active.append(True)
            self._codes.append(-1)
        elif index >= self._before.trained:
            self._new[index - self._before.trained] = self._described(row)
        else:
            row = self._revise(index, row)
        self._is_active[index] = row.is_active
        self._codes[index] = self._categories.setdefault(row.category, len(self._categories))

    def _revise(self, index: int, row: ItemRow) -> ItemRow:
        """What the row of a trained item says; one that an event registered says nothing."""
        content = self._before.version.content
        known = content.titles[index], content.categories[index]
        words = row.title or known[0], row.category or known[1]
        revised = ItemRow(row.item_id, *words, {}, row.is_active)  # nobody reads its attributes
        if words == known:
            self._revised.pop(index, None)
        else:
            self._revised[index] = revised
        return revised

    def _described(self, row: ItemRow) -> NewItem:
        manifest, content = self._before.version.manifest, self._before.version.content
        own = {"category": row.category} if row.category else {}
        description = manifest.item_features.encode({**row.attributes, **own})
        key = description.tobytes()
        if key not in self._positions:
            self._positions[key] = len(self._members)
            self._members.append(nearest_items(description, content.item_features))
        return NewItem(row._replace(attributes={}), self._positions[key])

    def catalogue(self, revision: int) -> Catalogue:
        return Catalogue(
            version=self._before.version,
            weighting=self._before.weighting,
            revision=revision,
            is_active=np.array(self._is_active, dtype=np.bool_),
            category_codes=np.array(self._codes, dtype=np.int32),
            categories=self._categories,
            revised=self._revised,
            new=self._new,
            new_indices=self._new_indices,
            cold_start_groups=ColdStartGroups(self._positions, self._members),
        )
