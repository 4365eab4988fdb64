"""Interactions written to the database as another service would."""

import datetime as dt
import secrets

from sqlalchemy.engine import Engine

from shared.database import storage, tables

NOW = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


def record(
    engine: Engine,
    user_id: str,
    *item_ids: str,
    event_type: str = "rating",
    rating: float = 4.5,
    occurred_at: dt.datetime = NOW,
) -> None:
    """One interaction with each item, committed."""
    rows = [
        {
            "event_id": secrets.token_hex(8),
            "user_id": user_id,
            "item_id": item_id,
            "event_type": event_type,
            "rating": rating if event_type == "rating" else None,
            "occurred_at": occurred_at,
            "recommendation_id": None,
            "created_at": NOW,
        }
        for item_id in item_ids
    ]
    with engine.begin() as connection:
        storage.insert_missing(connection, tables.interactions, rows)
