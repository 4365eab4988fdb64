"""Rows for the database, in batches of one transaction each."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from sqlalchemy.engine import Engine

from services.generator.generating.behaviour import GeneratedInteractions
from services.generator.generating.population import Population
from services.generator.loads.record import Load, count_rows
from shared.artifacts.data_hash import ContentHash, id_hashes
from shared.database import tables
from shared.database.blank_rows import blank_item, blank_user
from shared.database.event_types import EVENT_TYPES
from shared.database.storage import Row, insert_missing

_BATCH_ROWS = 5_000  # a transaction each: more make MySQL no faster
_RATING = np.uint64(EVENT_TYPES.index("rating"))


def write_catalogue(engine: Engine, population: Population, now: dt.datetime) -> None:
    """Write the users and the items that are not there yet."""
    for table, rows in (
        (tables.users, list(user_rows(population, now))),
        (tables.items, list(item_rows(population, now))),
    ):
        for start in range(0, len(rows), _BATCH_ROWS):
            with engine.begin() as connection:
                insert_missing(connection, table, rows[start : start + _BATCH_ROWS])


def user_rows(population: Population, now: dt.datetime) -> Iterator[Row]:
    """The users as they are written."""
    for index, user_id in enumerate(population.truth.users):
        yield blank_user(user_id, now) | {"attributes": {"user_type": population.group(index)}}


def item_rows(population: Population, now: dt.datetime) -> Iterator[Row]:
    """The items as they are written."""
    for index, item_id in enumerate(population.truth.items):
        yield blank_item(item_id, now) | {
            "title": population.titles[index],
            "categories": [population.category(index)],
        }


def write_interactions(
    engine: Engine,
    load: Load,
    population: Population,
    blocks: Iterable[GeneratedInteractions],
    now: dt.datetime,
    advance: Callable[[int], object],
) -> str:
    """Write the interactions that are not there yet; the content hash of all of them.

    `advance` is called with how many more are there.
    """
    content = ContentHash()
    users, items = population.truth.users, list(population.truth.items)
    user_hashes, item_hashes = id_hashes(users), id_hashes(items)
    for block in blocks:
        content.update(
            user_hashes[block.user_indices],
            item_hashes[block.item_indices],
            np.full(len(block), _RATING),
            block.ratings,
            block.occurred_at,
        )
        for start in range(0, len(block), _BATCH_ROWS):
            part = block[start : start + _BATCH_ROWS]
            rows = _interaction_rows(part, users, items, load.load_id, now)
            with engine.begin() as connection:
                added = insert_missing(connection, tables.interactions, rows)
                count_rows(connection, load, len(added))
            advance(len(part))
    return content.hexdigest()


def _interaction_rows(
    part: GeneratedInteractions,
    users: Sequence[str],
    items: Sequence[str],
    load_id: int,
    now: dt.datetime,
) -> list[Row]:
    return [
        {
            "event_id": _event_id(user, users[user], items[item], rating, occurred_at),
            "user_id": users[user],
            "item_id": items[item],
            "event_type": "rating",
            "rating": rating,
            "occurred_at": tables.from_epoch_ms(occurred_at),
            "created_at": now,
            "load_id": load_id,
        }
        for user, item, rating, occurred_at in zip(
            part.user_indices.tolist(),
            part.item_indices.tolist(),
            part.ratings.tolist(),
            part.occurred_at.tolist(),
            strict=True,
        )
    ]


def _event_id(user_index: int, user_id: str, item_id: str, rating: float, occurred_at: int) -> str:
    """32 hex digits, the same whenever the same row is generated again.

    It begins with the user, in whose order rows are written, so that the index grows at its end:
    growing at random places, it outgrows the server's memory after some million rows.
    """
    row = f"{user_id} {item_id} {rating} {occurred_at}".encode()
    return f"{user_index:08x}{hashlib.blake2b(row, digest_size=12).hexdigest()}"
