"""What is declared of users and items, as features: only attributes that someone named.

Nothing is learned from an attribute that nobody named: what users declare may be nobody's business.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.trainer.data.feature_fitting import fit_encoder
from shared.arrays.types import Float32
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.database import tables
from shared.scorers.features import FeatureEncoder

CATEGORY = "category"  # an item's own column, offered like an attribute


@dataclass(frozen=True)
class AttributeNames:
    """The attributes to learn from."""

    users: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeclaredFeatures:
    """How attributes become features, and the features of every row, float32[rows, size]."""

    encoder: FeatureEncoder
    values: Float32

    @classmethod
    def of(cls, rows: list[dict[str, Any]], names: tuple[str, ...]) -> "DeclaredFeatures":
        """SommelierError where no row has an attribute that is named; a category may be missing."""
        has_category = any(CATEGORY in row for row in rows)
        present = tuple(name for name in names if name != CATEGORY or has_category)
        encoder = fit_encoder(rows, present) if present else FeatureEncoder()
        return cls(encoder, encoder.encode_all(rows))


def read_users(connection: Connection, users: IdMap, names: tuple[str, ...]) -> DeclaredFeatures:
    """Of the users of an IdMap."""
    rows: list[dict[str, Any]] = [{} for _user in range(len(users))]
    if names:
        query = sa.select(tables.users.c.user_id, tables.users.c.attributes)
        rows = _by_index(connection, query, users)
    return DeclaredFeatures.of(rows, names)


def read_items(
    connection: Connection, items: IdMap, categories: TextColumn, names: tuple[str, ...]
) -> DeclaredFeatures:
    """Of the items of an IdMap; their category counts as an attribute."""
    rows: list[dict[str, Any]] = [{} for _item in range(len(items))]
    if set(names) - {CATEGORY}:
        query = sa.select(tables.items.c.item_id, tables.items.c.attributes)
        rows = _by_index(connection, query, items)
    columns = [{CATEGORY: category} if category else {} for category in categories]
    merged = [row | column for row, column in zip(rows, columns, strict=True)]
    return DeclaredFeatures.of(merged, names)


def _by_index(
    connection: Connection, query: sa.Select[tuple[str, Any]], ids: IdMap
) -> list[dict[str, Any]]:
    """The attributes of each id of an IdMap, by its index; of rows (id, attributes)."""
    rows: list[dict[str, Any]] = [{} for _id in range(len(ids))]
    for id_, attributes in connection.execute(query):
        index = ids.find(id_)
        if index >= 0:
            rows[index] = attributes
    return rows
