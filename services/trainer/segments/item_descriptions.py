"""What is known of the items, for a description of segments."""

from dataclasses import dataclass

import numpy as np

from services.trainer.data.item_sets import ItemSets
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.database.categories import category_names


@dataclass(frozen=True)
class ItemDescriptions:
    """The ids, titles and categories of the items; a category may be several, "Action|Sci-Fi"."""

    items: IdMap
    titles: TextColumn
    categories: TextColumn

    def label(self, item_index: int) -> str:
        """The title of an item, or its id where it has none."""
        return self.titles[item_index].strip() or self.items[item_index]

    def category_sets(self) -> tuple[list[str], ItemSets]:
        """The names of the categories, in order, and those of each item, as positions in them."""
        texts = enumerate(self.categories)
        pairs = [(item, name) for item, text in texts for name in category_names(text)]
        names = sorted({name for _item, name in pairs})
        positions = {name: position for position, name in enumerate(names)}
        owners = np.array([item for item, _name in pairs], dtype=np.int64)
        categories = np.array([positions[name] for _item, name in pairs], dtype=np.int64)
        return names, ItemSets.from_pairs(owners, categories, len(self.items))
