"""Who a list is for, in terms of a version: the history that models take, and what was seen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.api.live.catalogue import Catalogue
from services.api.live.new_items import ItemIndices
from services.api.live.users import Event, LiveUser
from shared.arrays.types import Float32
from shared.artifacts.versions import Version
from shared.scorers.histories import NO_TIME, Histories, History, Interactions

NO_ITEMS: ItemIndices = np.empty(0, dtype=np.int64)
NO_ATTRIBUTES: Float32 = np.empty(0, dtype=np.float32)


@dataclass(frozen=True)
class Profile:
    """`history` holds the trained items alone, `seen` int64[n] all that `exclude_rated` leaves out;
    `event_types` the type of the newest event by item index, where it is known."""

    history: History
    seen: ItemIndices
    event_types: Mapping[int, str] = field(default_factory=dict)


NOBODY = Profile(History.empty(), NO_ITEMS)


def profile_of(
    catalogue: Catalogue,
    user_id: str,
    live: LiveUser | None,
    exclude_events: Collection[str] | None,
) -> Profile:
    """What is known of a user: by the database, or by the version alone where that is away. Of the
    types `exclude_events` are those seen; None: of all.

    A version does not know by which events an item was seen: where some do not count, its
    histories only stand in for a database that is away.
    """
    trained = trained_history(catalogue.version, user_id)
    if live is None:
        return Profile(trained, trained.item_indices.astype(np.int64))
    if live.is_erased:
        return NOBODY
    item_indices = catalogue.find_all(event.item_id for event in live.events)
    declared = _encoded(catalogue, live.attributes or {})
    newer = history_of(catalogue, live.events, item_indices, declared)
    history = with_older(newer, trained, catalogue.version.manifest.weighting.is_timed)
    seen = item_indices[item_indices >= 0]
    if exclude_events is not None:
        counts = [event.event_type in exclude_events for event in live.events]
        seen = item_indices[(item_indices >= 0) & np.array(counts, dtype=np.bool_)]
    else:
        seen = np.concatenate([trained.item_indices, seen])
    event_types = (event.event_type for event in live.events)
    return Profile(history, seen, dict(zip(item_indices.tolist(), event_types, strict=True)))


def session_profile(catalogue: Catalogue, item_ids: Sequence[str]) -> Profile:
    """The profile of somebody who viewed these items one after the other."""
    events = [Event(item_id, "view", None, moment) for moment, item_id in enumerate(item_ids)]
    item_indices = catalogue.find_all(item_ids)
    known = item_indices[item_indices >= 0]
    history = history_of(catalogue, events, item_indices, _encoded(catalogue, {}))
    return Profile(history, known, dict.fromkeys(known.tolist(), "view"))


def trained_history(version: Version, user_id: str) -> History:
    """What the version was trained on of the user, empty where it was nothing."""
    return version.content.histories[version.content.users.find(user_id)]


def history_of(
    catalogue: Catalogue, events: Sequence[Event], item_indices: ItemIndices, attributes: Float32
) -> History:
    """The history that events make, as at training; items that the version does not know tell its
    models nothing."""
    known = (item_indices >= 0) & (item_indices < catalogue.trained)
    times = [NO_TIME if event.occurred_at is None else event.occurred_at for event in events]
    interactions = Interactions(
        user_indices=np.zeros(len(events), dtype=np.int32),
        item_indices=item_indices.astype(np.int32),
        event_codes=_event_codes(catalogue, events),
        ratings=np.array([event.rating for event in events], dtype=np.float64),
        values=np.array([event.value for event in events], dtype=np.float64),
        occurred_at=np.array(times, dtype=np.int64),
    )
    rows = interactions.subset(known).in_order()  # as training has them
    histories: Histories = catalogue.weighting.histories(rows, 1, attributes[None])
    return histories[0]


def _event_codes(catalogue: Catalogue, events: Sequence[Event]) -> NDArray[np.uint8]:
    """A type of which nobody told this process, in rows that others wrote, counts as a view."""
    codes = catalogue.weighting.event_codes
    return np.array([codes.get(event.event_type, codes["view"]) for event in events], np.uint8)


def with_older(newer: History, older: History, is_timed: bool) -> History:
    """A history with the rows of an older one whose items it does not have.

    The database holds all that a version was trained on, but for users with more than MOST_EVENTS
    or where old rows were removed: these count on until the next training, as the oldest.
    """
    missing = ~np.isin(older.item_indices, newer.item_indices)
    if not missing.any():
        return newer
    kept = older.at(missing)
    ranks = kept.recency_ranks + (len(newer) if is_timed else 0)
    return newer.joined(replace(kept, recency_ranks=ranks))


def _encoded(catalogue: Catalogue, attributes: Mapping[str, Any]) -> Float32:
    encoder = catalogue.version.manifest.user_features
    return encoder.encode(attributes) if encoder.attributes else NO_ATTRIBUTES
