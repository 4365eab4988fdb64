"""What is declared of users and items, as features: only attributes that someone named.

Nothing is learned from an attribute that nobody named: what users declare may be nobody's business.
"""

from shared.arrays.types import Float32
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from services.trainer.data.feature_fitting import fit_encoder
from shared.database import tables
from shared.scorers.features import FeatureEncoder
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn

CATEGORY = "category"  # an item's own column, offered like an attribute


@dataclass(frozen=True)
class Named:
    """The attributes to learn from."""

    users: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declared:
    """How attributes become features, and the features of every row, float32[rows, size]."""

    encoder: FeatureEncoder
    values: Float32

    @classmethod
    def of(cls, rows: list[dict[str, Any]], names: tuple[str, ...]) -> "Declared":
        """SommelierError where no row has an attribute that is named; a category may be missing."""
        known = tuple(
            name for name in names if name != CATEGORY or any(CATEGORY in r for r in rows)
        )
        encoder = fit_encoder(rows, known) if known else FeatureEncoder()
        return cls(encoder, encoder.encode_all(rows))


def read_users(connection: Connection, users: IdMap, names: tuple[str, ...]) -> Declared:
    """Of the users of an IdMap."""
    rows: list[dict[str, Any]] = [{} for _user in range(len(users))]
    if names:
        query = sa.select(tables.users.c.user_id, tables.users.c.attributes)
        rows = _by_index(connection, query, users)
    return Declared.of(rows, names)


def read_items(
    connection: Connection, items: IdMap, categories: TextColumn, names: tuple[str, ...]
) -> Declared:
    """Of the items of an IdMap; their category counts as an attribute."""
    rows: list[dict[str, Any]] = [{} for _item in range(len(items))]
    if set(names) - {CATEGORY}:
        query = sa.select(tables.items.c.item_id, tables.items.c.attributes)
        rows = _by_index(connection, query, items)
    told = [{CATEGORY: category} if category else {} for category in categories]
    return Declared.of([row | own for row, own in zip(rows, told, strict=True)], names)


def _by_index(
    connection: Connection, query: sa.Select[tuple[str, Any]], ids: IdMap
) -> list[dict[str, Any]]:
    """The attributes of each id of an IdMap, by its index; of rows (id, attributes)."""
    rows: list[dict[str, Any]] = [{} for _id in range(len(ids))]
    for one, attributes in connection.execute(query):
        index = ids.find(one)
        if index >= 0:
            rows[index] = attributes
    return rows
