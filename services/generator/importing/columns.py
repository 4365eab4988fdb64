"""Which column of a table is the user, the item, the rating, the time and the event type."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Self

from shared.errors import SommelierError

# As people and well-known data sets name them, the likeliest first; compared without case and
# punctuation: `user_id`, `userId` and `User ID` are one name.
USUAL_NAMES = {
    "user": ("userid", "user", "uid", "customerid", "reviewerid", "visitorid", "customer"),
    "item": ("itemid", "item", "movieid", "productid", "parentasin", "asin", "sku", "iid"),
    "rating": ("rating", "score", "stars", "overall"),
    "time": ("occurredat", "timestamp", "time", "datetime", "unixreviewtime", "eventtime", "date"),
    "event": ("eventtype", "event", "action"),
}


class ColumnError(SommelierError):
    """Columns that were asked for and are not there, or that nobody can tell."""


@dataclass(frozen=True)
class Columns:
    """The name of each role's column, or its number in a file without a header; None: no such."""

    user: str | None = None
    item: str | None = None
    rating: str | None = None
    time: str | None = None
    event: str | None = None

    def named(self) -> dict[str, str]:
        """Role → column, of the roles that have one."""
        return {role: column for role, column in asdict(self).items() if column is not None}

    def numbered(self) -> bool:
        """Whether the columns are given as numbers, and so the file has no header."""
        numbers = [column.isdecimal() for column in self.named().values()]
        if any(numbers) and not all(numbers):
            raise ColumnError(
                f"Columns are given as {self}: give all of them as names, or all as numbers from 0 "
                "for a file without a header."
            )
        return any(numbers)

    def recognised_in(self, names: Sequence[str]) -> Self:
        """Missing roles filled by usual names, unless both user and item were given: then what
        was given is all that is read."""
        if self.user is not None and self.item is not None:
            return self
        by_plain_name = {_plain(name): name for name in reversed(names)}
        found = {
            role: by_plain_name[plain]
            for role, usual in USUAL_NAMES.items()
            for plain in reversed(usual)  # of several, the likeliest is written last
            if plain in by_plain_name
        }
        return replace(self, **(found | self.named()))

    def positions_in(self, names: Sequence[str], file: str) -> list[int | None]:
        """Where each role's column stands among `names`, in the order of the fields.

        Raises ColumnError, with the columns that there are, when one is missing or when user or
        item is not known.
        """
        for role, column in self.named().items():
            if column not in names:
                raise ColumnError(
                    f"{file} has no column '{column}' (--{role}); its columns are {_list(names)}."
                )
        for role in ("user", "item"):
            if role not in self.named():
                raise ColumnError(
                    f"{file} has no column with a usual name for the {role}; its columns are "
                    f"{_list(names)}. Say which with --{role} (a name, or a number from 0 for a "
                    "file without a header)."
                )
        chosen = [getattr(self, field.name) for field in fields(self)]
        return [None if column is None else names.index(column) for column in chosen]

    def __str__(self) -> str:
        return ", ".join(f"{role}={column}" for role, column in self.named().items())


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:30])
    return shown if len(names) <= 30 else f"{shown} and {len(names) - 30} more"
