"""Reads the database into arrays: ids become indices here, once."""

from shared.database.event_types import EVENT_CODES
from shared.arrays.types import Float64, Mask
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, Engine

from services.trainer.data.declared_features import Declared, Named, read_items, read_users
from services.trainer.splits.holdout import has_times
from services.trainer.data.ratings import Ratings
from shared.database import tables
from shared.artifacts.data_hash import ContentHash, id_hashes
from shared.errors import SommelierError
from shared.scorers.histories import Histories, Interactions, Weighting
from shared.progress import progress
from shared.artifacts.id_map import IdMap
from shared.artifacts.text_column import TextColumn
from shared.database.tombstones import read_erased
from shared.artifacts.versions import DataSummary

BLOCK_ROWS = 20_000
IDS_ALONE = Named()


class NothingToLearnError(SommelierError):
    """A database without interactions."""


@dataclass(frozen=True)
class Dataset:
    """Everything a model is fitted to. Users and items are those of the interactions, in id order.

    `weighting` says how the interactions become histories, `of_users` and `of_items` what is
    declared of them.
    """

    users: IdMap
    items: IdMap
    titles: TextColumn
    categories: TextColumn
    is_active: Mask
    interactions: Interactions
    summary: DataSummary
    weighting: Weighting
    of_users: Declared
    of_items: Declared

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.users), len(self.items)

    @cached_property
    def histories(self) -> Histories:
        users = len(self.users)
        return self.weighting.histories(self.interactions, users, self.of_users.values)

    @cached_property
    def ratings(self) -> Ratings | None:
        """The newest rating of each pair; None where there is no rating at all."""
        histories = self.histories
        rated = ~np.isnan(histories.ratings)
        if self.summary.rating_scale is None or not rated.any():
            return None
        return Ratings(
            user_indices=histories.user_indices()[rated],
            item_indices=histories.item_indices[rated],
            values=histories.ratings[rated],
            shape=self.shape,
            scale=self.summary.rating_scale,
        )

    def rated(self) -> Ratings:
        """The ratings; NothingToLearnError where there is none."""
        if self.ratings is None:
            raise NothingToLearnError("A rating model needs ratings, and the data has none.")
        return self.ratings

    @property
    def is_timed(self) -> bool:
        """Whether the interactions have an order in time."""
        return self.weighting.is_timed

    def subset(self, mask: Mask) -> "Dataset":
        """The interactions where `mask` bool[n] holds, over the same users and items.

        What ratings are worth is theirs; whether there are times is told by all.
        """
        kept = self.interactions.subset(mask)
        weighting = weighted_by_ratings(self.weighting, kept, self.summary.rating_scale)
        return replace(self, interactions=kept, weighting=weighting)


def read_dataset(engine: Engine, weighting: Weighting, named: Named = IDS_ALONE) -> Dataset:
    """All interactions and what is known of their items, in about 30 bytes an interaction; of what
    is declared the attributes that are named.

    Raises NothingToLearnError where there are no interactions, SommelierError where no row has an
    attribute of that name.
    """
    with engine.connect() as connection:
        declared = _declared_scale(connection)
        users, items, interactions, last_id = _read_interactions(connection)
        titles, categories, is_active = _read_catalogue(connection, items)
        of_users = read_users(connection, users, named.users)
        of_items = read_items(connection, items, categories, named.items)
    scale = rating_scale(interactions.ratings, declared)
    return Dataset(
        users,
        items,
        titles,
        categories,
        is_active,
        interactions=interactions,
        summary=DataSummary(
            rows=len(interactions),
            last_id=last_id,
            content_hash=_content_hash(users, items, interactions),
            rating_scale=scale,
        ),
        weighting=fitted_weighting(weighting, interactions, scale),
        of_users=of_users,
        of_items=of_items,
    )


def fitted_weighting(
    weighting: Weighting, interactions: Interactions, scale: tuple[float, float] | None
) -> Weighting:
    """The weighting with what the data decides: are there times, and what is a rating worth."""
    is_timed = has_times(interactions.user_indices, interactions.occurred_at)
    timed = weighting.model_copy(update={"is_timed": is_timed})
    return weighted_by_ratings(timed, interactions, scale)


def weighted_by_ratings(
    weighting: Weighting, interactions: Interactions, scale: tuple[float, float] | None
) -> Weighting:
    """The weighting where a row counts rating / mean rating times, on a scale from 1 to 5.

    On other scales likewise, the lowest rating a fifth of the highest.
    """
    rated = interactions.ratings[~np.isnan(interactions.ratings)]
    if scale is None or scale[0] == scale[1] or not len(rated):
        return weighting
    quarter = (scale[1] - scale[0]) / 4
    mean = float(rated.mean()) - scale[0] + quarter
    worth = {"rating_intercept": (quarter - scale[0]) / mean, "rating_slope": 1 / mean}
    return weighting.model_copy(update=worth)


class _Codes:
    """Numbers ids as they come, and renumbers them in id order at the end."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def of(self, ids: Sequence[str]) -> NDArray[np.int32]:
        codes = self._codes
        return np.array([codes.setdefault(one, len(codes)) for one in ids], dtype=np.int32)

    def in_order(self) -> tuple[IdMap, NDArray[np.int32]]:
        """The ids in order, and for each code its index, int32[ids]."""
        index = np.empty(len(self._codes), dtype=np.int32)
        index[[self._codes[one] for one in sorted(self._codes)]] = np.arange(len(self._codes))
        return IdMap.of(self._codes), index


def _read_interactions(
    connection: Connection,
) -> tuple[IdMap, IdMap, Interactions, int]:
    users, items = _Codes(), _Codes()
    columns = []
    last_id = 0
    for block in _blocks(connection):
        ids, user_ids, item_ids, *rest = zip(*block, strict=True)
        last_id = ids[-1]
        columns.append((users.of(user_ids), items.of(item_ids), *_values(*rest)))
    if not columns:
        raise NothingToLearnError(
            "The database holds no interactions to learn from: generate some (make generate) or "
            "import your own (make import FROM=path) first."
        )
    user_codes, item_codes, *values = (np.concatenate(c) for c in zip(*columns, strict=True))
    user_map, user_index = users.in_order()
    item_map, item_index = items.in_order()
    interactions = Interactions(user_index[user_codes], item_index[item_codes], *values)
    return user_map, item_map, interactions, last_id



def _values(
    event_types: Sequence[str], ratings: Sequence[float | None], occurred_at: Sequence[int]
) -> tuple[NDArray[np.uint8], Float64, NDArray[np.int64]]:
    return (
        np.array([EVENT_CODES[name] for name in event_types], dtype=np.uint8),
        np.array(ratings, dtype=np.float64),  # None becomes nan
        np.array(occurred_at, dtype=np.int64),
    )


def _blocks(connection: Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    table = tables.interactions
    query = sa.select(
        table.c.id,
        table.c.user_id,
        table.c.item_id,
        table.c.event_type,
        table.c.rating,
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


def _read_catalogue(connection: Connection, items: IdMap) -> tuple[TextColumn, TextColumn, Mask]:
    titles, categories = [""] * len(items), [""] * len(items)
    is_active = np.ones(len(items), dtype=np.bool_)
    table = tables.items
    query = sa.select(table.c.item_id, table.c.title, table.c.category, table.c.is_active)
    for item_id, title, category, active in connection.execute(query):
        index = items.find(item_id)
        if index >= 0:
            titles[index], categories[index], is_active[index] = title, category, active
    return TextColumn.of(titles), TextColumn.of(categories), is_active


def _declared_scale(connection: Connection) -> tuple[float, float] | None:
    """The widest of the rating scales that were declared when data was brought in."""
    loads = tables.loads.c
    low, high = connection.execute(
        sa.select(sa.func.min(loads.rating_min), sa.func.max(loads.rating_max))
    ).one()
    return None if low is None or high is None else (float(low), float(high))


def rating_scale(
    ratings: Float64, declared: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Smallest and largest rating: what was declared, widened by what was seen.

    Ratings that are all equal tell nothing of their scale: 1 to 5 is taken where it holds them.
    None where there is no rating.
    """
    seen = ratings[~np.isnan(ratings)]
    if not len(seen):
        return None
    low, high = float(seen.min()), float(seen.max())
    if declared is None and low == high:
        declared = (1.0, 5.0)
    if declared is None:
        return low, high
    return min(low, declared[0]), max(high, declared[1])


def _content_hash(users: IdMap, items: IdMap, interactions: Interactions) -> str:
    content = ContentHash()
    user_hashes, item_hashes = id_hashes(users), id_hashes(items)
    for begin in range(0, len(interactions), BLOCK_ROWS):
        block = slice(begin, begin + BLOCK_ROWS)
        content.update(
            user_hashes[interactions.user_indices[block]],
            item_hashes[interactions.item_indices[block]],
            interactions.event_codes[block],
            interactions.ratings[block],
            interactions.occurred_at[block],
        )
    return content.hexdigest()
