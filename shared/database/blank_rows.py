"""Users and items of whom nobody has said anything yet."""

import datetime as dt
from typing import Any


def blank_user(user_id: str, created_at: dt.datetime) -> dict[str, Any]:
    """The row of a user without attributes."""
    return {"user_id": user_id, "attributes": {}, "created_at": created_at}


def blank_item(item_id: str, created_at: dt.datetime) -> dict[str, Any]:
    """The row of an active item without a title, categories or attributes."""
    return {
        "item_id": item_id,
        "title": "",
        "categories": [],
        "attributes": {},
        "is_active": True,
        "created_at": created_at,
    }
