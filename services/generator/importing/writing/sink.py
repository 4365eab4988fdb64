"""Where the good rows of a file go: into the database, or nowhere in a dry run."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np

from services.generator.importing.events.rows import Events
from services.generator.importing.movielens import Described, MovieLensItem, MovieLensUser
from services.generator.importing.writing.seen_rows import SeenRows
from shared.database.event_ids import event_id, row_key
from shared.database.merges import Owners


class Added(NamedTuple):
    """What became of a batch: how many were new, and the users who were erased."""

    new: int
    erased: Collection[str]


@dataclass
class Named:
    """Different ids of users or items, and how many of them the database did not know."""

    seen: SeenRows = field(default_factory=SeenRows)
    different: int = 0
    new: int = 0

    def unseen(self, ids: Iterable[str]) -> list[str]:
        """Those of `ids` that come for the first time, in byte order."""
        candidates = sorted(set(ids))
        digests = b"".join(
            hashlib.blake2b(id_.encode(), digest_size=8).digest() for id_ in candidates
        )
        earlier = self.seen.occurrences(np.frombuffer(digests, dtype=np.uint64))
        fresh = [id_ for id_, times in zip(candidates, earlier.tolist(), strict=True) if not times]
        self.different += len(fresh)
        return fresh


class Sink(Protocol):
    """Takes the good rows batch by batch."""

    @property
    def users(self) -> Named:
        """Users until now."""

    @property
    def items(self) -> Named:
        """Items until now."""

    @property
    def repeats(self) -> int:
        """Rows until now that an earlier row of the file says word for word."""

    def describe(self, entries: Sequence[Described]) -> None:
        """Take in what a catalogue says of users and items; users who were erased stay out."""

    def add(self, events: Events) -> Added:
        """Add what is not there yet; what belongs to users who were erased stays out."""


class RowIds:
    """The event ids of a file's rows: those that it repeats are numbered."""

    def __init__(self) -> None:
        self._seen = SeenRows()
        self.repeats = 0

    def of(self, events: Events) -> list[str]:
        """One for each of the events, in their order."""
        keys = [
            row_key(user, item, type_, rating, time, value)
            for user, item, type_, rating, value, time in zip(*events.columns(), strict=True)
        ]
        ids = [event_id(key) for key in keys]
        # Half of an id tells rows apart as well as a hash of its own.
        digests = np.frombuffer(bytes.fromhex("".join(ids)), dtype=np.uint64)[::2]
        occurrences = self._seen.occurrences(digests)
        for row in np.flatnonzero(occurrences).tolist():
            ids[row] = event_id(keys[row], int(occurrences[row]))
            self.repeats += 1
        return ids


def owned_entries(entries: Sequence[Described], owners: Owners) -> list[Described]:
    """The entries of a catalogue, of users under the ids of those whose rows are; without those of
    users who were erased."""
    return [
        e if isinstance(e, MovieLensItem) else e._replace(user_id=owners.of(e.user_id))
        for e in entries
        if isinstance(e, MovieLensItem) or e.user_id not in owners.erased
    ]


def described_users(entries: Sequence[Described]) -> set[str]:
    """The users whom a catalogue describes."""
    return {entry.user_id for entry in entries if isinstance(entry, MovieLensUser)}


def owned_events(
    events: Events, ids: Sequence[str], owners: Owners
) -> tuple[Events, Sequence[str]]:
    """The events, under the ids of those whose they are, and their own ids; without those of users
    who were erased."""
    if owners.erased:
        places = [n for n, user in enumerate(events.users) if user not in owners.erased]
        events, ids = events.among(places), [ids[place] for place in places]
    if owners.aliases:
        events = replace(events, users=[owners.of(user) for user in events.users])
    return events, ids
