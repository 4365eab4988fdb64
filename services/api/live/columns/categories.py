"""The categories of every item, as a set for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.arrays.ragged import Ragged
from shared.arrays.types import Float32, Float64, Indices, Mask
from shared.artifacts.text_column import TextColumn
from shared.database.categories import category_names


@dataclass(frozen=True)
class ItemCategories:
    """Categories by code, a position in `names`: those of an item are the `codes` int32[any] that
    `by_item` says, none twice."""

    names: Mapping[str, int]
    by_item: Ragged
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, texts: TextColumn) -> "ItemCategories":
        """Of texts such as `Action|Comedy`, one an item."""
        names: dict[str, int] = {}
        codes_of: dict[str, list[int]] = {}  # many items have the same
        codes: list[int] = []
        sizes: list[int] = []
        for text in texts:
            found = codes_of.get(text)
            if found is None:
                found = codes_of[text] = _codes(category_names(text), names)
            codes += found
            sizes.append(len(found))
        return cls(names, Ragged.from_sizes(sizes), np.array(codes, dtype=np.int32))

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.by_item)

    def after(self, changes: Mapping[int, Sequence[str]], n_items: int) -> "ItemCategories":
        """With those of some items replaced, and those of new items."""
        names = dict(self.names)
        codes = {item: _codes(changed, names) for item, changed in changes.items()}
        is_replaced = np.zeros(n_items, dtype=np.bool_)
        is_replaced[[*changes]] = True
        kept = ~is_replaced[self._owners]
        pairs = [(item, code) for item, found in codes.items() for code in found]
        newer = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        all_owners = np.concatenate([self._owners[kept], newer[:, 0]])
        all_codes = np.concatenate([self.codes[kept], newer[:, 1]])
        order = np.argsort(all_owners, kind="stable")
        return ItemCategories(
            names, Ragged.from_owners(all_owners[order], n_items), all_codes[order]
        )

    def of_item(self, item: int) -> list[str]:
        """The names of an item's categories."""
        begin, end = self.by_item.offsets[item : item + 2].tolist()
        names = self._by_code
        return [names[code] for code in self.codes[begin:end].tolist()]

    @cached_property
    def _by_code(self) -> Sequence[str]:
        return [*self.names]

    @cached_property
    def _owners(self) -> NDArray[np.int32]:
        return self.by_item.owners(np.int32)

    def any_of(self, names: Iterable[str]) -> Mask:
        """Which items are in one of the categories, bool[items]."""
        codes = [self.names[name] for name in names if name in self.names]
        return self._with(np.array(codes, dtype=np.int32))

    def sharing(self, item: int) -> Mask:
        """Which items share a category with one, or have none as it has, bool[items]."""
        own = self.codes[slice(*self.by_item.offsets[item : item + 2])]
        return self._with(own) if len(own) else self.by_item.sizes() == 0

    def _with(self, codes: Indices) -> Mask:
        mask = np.zeros(len(self), dtype=np.bool_)
        if len(codes) == 1:  # np.isin takes 20 µs to begin
            mask[self._owners[self.codes == codes[0]]] = True
        elif len(codes):
            mask[self._owners[np.isin(self.codes, codes)]] = True
        return mask

    def memberships(self, items: Indices) -> Float32:
        """1 where an item is in a category, float32[items, categories that one of them is in]."""
        taken, rows = self.by_item.take(items)
        present, columns = np.unique(self.codes[rows], return_inverse=True)
        matrix = np.zeros((len(items), len(present)), dtype=np.float32)
        matrix[taken.owners(np.int64), columns] = 1
        return matrix

    def sums(self, values: Float64) -> Float64:
        """The sum of `values` float64[items] over each category, float64[categories]: an item of
        two counts for both."""
        weights = values[self._owners]
        sums = np.bincount(self.codes, weights=weights, minlength=len(self.names))
        return sums.astype(np.float64)  # without any category they would be whole numbers


def _codes(names: Iterable[str], codes: dict[str, int]) -> list[int]:
    """The code of each name, a new one for those without."""
    return [codes.setdefault(name, len(codes)) for name in dict.fromkeys(names)]
