"""Interactions for tests, one at a time."""

import datetime as dt

from sqlalchemy.engine import Engine

from shared.database import tables
from shared.database.storage import Row, insert_missing

START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def event(user: str, item: str, rating: float | None, minute: int, kind: str = "rating") -> Row:
    """An interaction `minute` minutes after START."""
    return {
        "event_id": f"{user}-{item}-{minute}-{kind}",
        "user_id": user,
        "item_id": item,
        "event_type": kind,
        "rating": rating,
        "value": None,
        "occurred_at": START + dt.timedelta(minutes=minute),
        "created_at": START,
    }


def add(engine: Engine, *events: Row) -> None:
    """Store events."""
    with engine.begin() as connection:
        insert_missing(connection, tables.interactions, events)
