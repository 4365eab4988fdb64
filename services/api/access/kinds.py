"""Kinds of keys, and how a route says which of them opens it."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, TypeVar

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

STATEMENT = "opened_by"


class Kind(IntEnum):
    """Each opens what those below it open."""

    NONE = 0
    """No key: whether the process lives and can serve."""
    READ = 1
    """Lists alone, so that it may stand in a web page."""
    WRITE = 2
    """What the application's server does: lists, histories, events, descriptions."""
    ADMIN = 3
    """Erasing, exporting, and everything else."""

    @property
    def setting(self) -> str:
        """The setting that lists the keys of this kind."""
        return SETTINGS[self]


SETTINGS = {Kind.READ: "READ_API_KEY", Kind.WRITE: "API_KEY", Kind.ADMIN: "ADMIN_API_KEY"}


def opened_by(kind: Kind) -> Callable[[Endpoint], Endpoint]:
    """States of a route, below its path, the least kind of key that opens it."""

    def state(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, STATEMENT, kind)
        return endpoint

    return state


def kind_of(endpoint: Callable[..., Any]) -> Kind:
    """What the route states; TypeError for nothing, so that none is open by accident."""
    kind = getattr(endpoint, STATEMENT, None)
    if not isinstance(kind, Kind):
        raise TypeError(
            f"{endpoint.__qualname__} does not say which key opens it: put "
            "@opened_by(Kind.WRITE), or another kind, below its path."
        )
    return kind
