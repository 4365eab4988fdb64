"""Reads the database into arrays: ids become indices here, once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Engine

from services.trainer.data.dataset import Dataset, NothingToLearnError
from services.trainer.data.declared_features import AttributeNames, read_items, read_users
from services.trainer.data.rating_scale import rating_scale
from services.trainer.data.weighting import fitted_weighting
from shared.arrays.types import Float64, Mask
from shared.artifacts.data_hash import ContentHash, event_type_hashes, id_hashes
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import DataSummary
from shared.database import tables
from shared.database.attributes import attributes_text
from shared.database.categories import category_text
from shared.database.rating_scale import declared_scale
from shared.database.tombstones import read_erased
from shared.errors import SommelierError
from shared.progress import progress
from shared.scorers.histories import NO_TIME, Interactions, Weighting

BLOCK_ROWS = 20_000
IDS_ALONE = AttributeNames()


def read_dataset(
    engine: Engine, weighting: Weighting, attributes: AttributeNames = IDS_ALONE
) -> Dataset:
    """All interactions and what is known of their items, in about 30 bytes an interaction; of what
    is declared only the `attributes`.

    Raises NothingToLearnError where there are no interactions, SommelierError where no row has an
    attribute of that name.
    """
    with engine.connect() as connection:
        declared = declared_scale(connection)
        users, items, interactions, last_id = _read_interactions(connection, weighting)
        item_rows = _read_items(connection, items)
        of_users = read_users(connection, users, attributes.users)
        of_items = read_items(connection, items, item_rows.categories, attributes.items)
    scale = rating_scale(interactions.ratings, declared)
    return Dataset(
        users,
        items,
        *item_rows,
        interactions=interactions,
        summary=DataSummary(
            rows=len(interactions),
            last_id=last_id,
            content_hash=_content_hash(users, items, interactions, weighting.event_codes),
            rating_scale=scale,
        ),
        weighting=fitted_weighting(weighting, interactions, scale),
        of_users=of_users,
        of_items=of_items,
    )


class _IdNumbers:
    """Numbers ids as they come, and renumbers them in id order at the end."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, ids: Sequence[str]) -> NDArray[np.int32]:
        numbers = self._numbers
        return np.array([numbers.setdefault(id_, len(numbers)) for id_ in ids], dtype=np.int32)

    def in_order(self) -> tuple[IdMap, NDArray[np.int32]]:
        """The ids in order, and for each number the id's index, int32[ids]."""
        indices = np.empty(len(self._numbers), dtype=np.int32)
        indices[[self._numbers[id_] for id_ in sorted(self._numbers)]] = np.arange(len(indices))
        return IdMap.of(self._numbers), indices


def _read_interactions(
    connection: Connection, weighting: Weighting
) -> tuple[IdMap, IdMap, Interactions, int]:
    """The users, the items, their interactions and the id of the last of these."""
    _require_weights(connection, weighting)
    users, items = _IdNumbers(), _IdNumbers()
    columns = []
    last_id = 0
    for block in _blocks(connection):
        ids, user_ids, item_ids, *rest = zip(*block, strict=True)
        last_id = ids[-1]
        columns.append((users.of(user_ids), items.of(item_ids), *_values(weighting, *rest)))
    if not columns:
        raise NothingToLearnError(
            "The database holds no interactions to learn from: generate some (make generate) or "
            "import your own (make import FROM=path) first."
        )
    user_numbers, item_numbers, *values = (
        np.concatenate(column) for column in zip(*columns, strict=True)
    )
    user_map, user_indices = users.in_order()
    item_map, item_indices = items.in_order()
    interactions = Interactions(user_indices[user_numbers], item_indices[item_numbers], *values)
    return user_map, item_map, interactions.in_order(), last_id


def _values(
    weighting: Weighting,
    event_types: Sequence[str],
    ratings: Sequence[float | None],
    values: Sequence[float | None],
    occurred_at: Sequence[int | None],
) -> tuple[NDArray[np.uint8], Float64, Float64, NDArray[np.int64]]:
    return (
        weighting.codes_of(event_types),
        np.array(ratings, dtype=np.float64),  # None becomes nan
        np.array(values, dtype=np.float64),
        np.array([NO_TIME if ms is None else ms for ms in occurred_at], dtype=np.int64),
    )


def _require_weights(connection: Connection, weighting: Weighting) -> None:
    """SommelierError where there are events of a type that has no weight."""
    event_type = tables.interactions.c.event_type
    unknown = (
        sa.select(event_type, sa.func.count())
        .where(event_type.not_in(list(weighting.event_codes)))
        .group_by(event_type)
        .order_by(event_type)
    )
    found = connection.execute(unknown).all()
    if found:
        counts = ", ".join(f"{count:,} of '{name}'" for name, count in found)
        weights = ",".join(f"{name}:1" for name, _count in found)
        raise SommelierError(
            f"The database holds events of types that have no weight: {counts}. Say what they "
            f"weigh, in EVENT_WEIGHTS={weights} (0: they say nothing)."
        )


def _blocks(connection: Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    table = tables.interactions
    query = sa.select(
        table.c.id,
        table.c.user_id,
        table.c.item_id,
        table.c.event_type,
        table.c.rating,
        table.c.value,
        tables.epoch_ms(table.c.occurred_at),
    ).order_by(table.c.id)
    if left_over := _erased_with_rows(connection):
        query = query.where(table.c.user_id.not_in(left_over))
    total = connection.scalar(sa.select(sa.func.count()).select_from(table))
    rows = connection.execution_options(stream_results=True, yield_per=BLOCK_ROWS).execute(query)
    with progress("read", total, "rows") as advance:
        for block in rows.partitions():
            yield block
            advance(len(block))


def _erased_with_rows(connection: Connection) -> list[str]:
    """The erased users of whom there still are rows, as an erasure is under way or broke off."""
    erased = read_erased(connection)
    if not erased:  # looking for distinct users reads an index of all rows
        return []
    user_ids = connection.scalars(sa.select(tables.interactions.c.user_id).distinct()).all()
    return [user_ids[position] for position in erased.among(user_ids)]


class _ItemRows(NamedTuple):
    """The columns of `items`, as Dataset has them."""

    titles: TextColumn
    categories: TextColumn
    attributes: TextColumn
    is_active: Mask
    created_at: NDArray[np.int64]


def _read_items(connection: Connection, items: IdMap) -> _ItemRows:
    """The row of each item; of one without a row nothing is known but that it is active, and of
    one that an event registered not since when it is there either: only when it was heard of."""
    n_items, table = len(items), tables.items.c
    titles, categories, attributes = ([""] * n_items for _column in range(3))
    is_active = np.ones(n_items, dtype=np.bool_)
    created_at = np.full(n_items, NO_TIME)
    query = sa.select(
        table.item_id,
        table.title,
        table.categories,
        table.attributes,
        table.is_active,
        tables.epoch_ms(table.created_at),
    )
    for item_id, title, names, declared, active, created in connection.execute(query):
        index = items.find(item_id)
        if index >= 0:
            titles[index], is_active[index] = title, active
            if title or names or declared:
                created_at[index] = created
            categories[index], attributes[index] = category_text(names), attributes_text(declared)
    return _ItemRows(
        TextColumn.of(titles),
        TextColumn.of(categories),
        TextColumn.of(attributes),
        is_active,
        created_at,
    )


def _content_hash(
    users: IdMap, items: IdMap, interactions: Interactions, event_codes: Mapping[str, int]
) -> str:
    content = ContentHash()
    event_hashes = event_type_hashes(event_codes)
    user_hashes, item_hashes = id_hashes(users), id_hashes(items)
    for begin in range(0, len(interactions), BLOCK_ROWS):
        block = slice(begin, begin + BLOCK_ROWS)
        content.update(
            user_hashes[interactions.user_indices[block]],
            item_hashes[interactions.item_indices[block]],
            event_hashes[interactions.event_codes[block]],
            interactions.ratings[block],
            interactions.occurred_at[block],
            interactions.values[block],
        )
    return content.hexdigest()
