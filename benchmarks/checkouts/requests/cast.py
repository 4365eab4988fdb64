"""The users and items that requests are about."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checkouts.requests.request import Body

ODD_IDS = ("a/b", "a b?c#d", "100%", "naïve ☃", "x" * 64, "'; --", "a/b/export", ".", "..", "é")


@dataclass(frozen=True)
class Cast:
    """Users and items as the database has them when it is served.

    `marker` is a trained item that no request is about: see `ApiRecorder.settle`.
    """

    users: list[str]
    items: list[str]
    categories: list[str]
    marker: str

    @classmethod
    def of(cls, database: Path) -> "Cast":
        """The cast of a database; invented ids where there is no database."""
        if not database.exists():
            return cls(["u1", "u2"], ["i1", "i2"], ["c"], "i3")
        with closing(sqlite3.connect(database)) as connection:
            users = column(connection, "user_id FROM interactions")
            *items, marker = column(connection, "item_id FROM interactions")
            categories = column(connection, "value FROM items, json_each(categories)")
        return cls(users, items, categories, marker)

    def rules(self) -> Body:
        """A pinned item, and boosts that leave the marker's category alone."""
        return {
            "pinned": [{"item_id": self.items[0], "rank": 2}],
            "boosted": [
                {"category": self.categories[0], "by": 0.5},
                {"item_id": self.items[1], "by": -1},
            ],
        }

    @property
    def doomed(self) -> list[str]:
        """Users who will be erased."""
        return self.users[1::2]

    @property
    def staying(self) -> list[str]:
        return self.users[::2]

    @property
    def newcomers(self) -> list[str]:
        """Users who come while the API runs."""
        return [*(f"newcomer {number}" for number in range(60)), *ODD_IDS]

    @property
    def declared(self) -> list[str]:
        """Users who are described and do nothing."""
        return [f"declared {number}" for number in range(20)]

    @property
    def strangers(self) -> list[str]:
        """Users of whom nothing is ever known."""
        return [f"stranger {number}" for number in range(20)]

    @property
    def new_items(self) -> list[str]:
        """Items that are described while the API runs."""
        return [*(f"new item {number}" for number in range(60)), *ODD_IDS]


def column(connection: sqlite3.Connection, selection: str) -> list[str]:
    """The distinct values of a column, sorted: `NAME FROM TABLE [WHERE …]`."""
    return [row[0] for row in connection.execute(f"SELECT DISTINCT {selection} ORDER BY 1")]
