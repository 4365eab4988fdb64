"""What is known of users: by the served version, and by the database while it answers."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import numpy as np

from services.api.live.catalogue import Catalogue
from services.api.live.users import Event, LiveUser
from services.api.problems import DatabaseAway, UnknownUser
from services.api.recommend.profile import Profile
from services.api.schemas.users import (
    CategoryTaste,
    HistorySummary,
    Interaction,
    SegmentsResponse,
    UserResponse,
    UserSegment,
    UsersResponse,
    UserSummary,
)
from shared.artifacts.versions import Version
from shared.database.tables import from_epoch_ms
from shared.scorers.choice import is_known

LATEST = 10  # interactions shown of a user


def list_users(version: Version, limit: int, offset: int) -> UsersResponse:
    """A page of the users whom the version knows, in the byte order of their ids."""
    content = version.content
    page = content.users.page(offset, limit).tolist()
    return UsersResponse(
        users=[
            UserSummary(user_id=content.users[index], num_items=len(content.histories[index]))
            for index in page
        ],
        total_count=content.users.num_ids,
        limit=limit,
        offset=offset,
        model_version=version.name,
    )


def list_segments(version: Version) -> SegmentsResponse:
    """The groups of users that the version's trainer found."""
    description = version.manifest.segments
    segments = description.segments if description else []
    return SegmentsResponse(
        segments=segments,
        criterion=description and description.criterion,
        total_count=len(segments),
        model_version=version.name,
    )


def describe_user(
    catalogue: Catalogue,
    user_id: str,
    live: LiveUser | None,
    profile: Profile,
    count: int | None,
) -> UserResponse:
    """Both sides of a user, who has `count` interactions; UnknownUser where neither side has one,
    DatabaseAway where only the database could."""
    if not len(profile.history) and (live is None or not _exists(live)):
        raise _missing(user_id, live)
    version = catalogue.version
    return UserResponse(
        user_id=user_id,
        known_to_model=is_known(version.ranker, profile.history),
        segment=segment_of(version, user_id),
        num_interactions=count,
        attributes=None if live is None else live.attributes,
        history=None if live is None else summary_of(live.events),
        taste=taste_of(catalogue, profile),
        latest_interactions=None if live is None else latest_of(live.events),
        model_version=version.name,
    )


def _exists(live: LiveUser) -> bool:
    return live.attributes is not None or bool(live.events)


def segment_of(version: Version, user_id: str) -> UserSegment | None:
    """The user's segment in the version."""
    if version.content.segments is None:
        return None
    found = version.content.segments.of(version.content.users.find(user_id))
    if found is None:
        return None
    segment, certainty = found
    return UserSegment(
        segment_id=segment.segment_id, name=segment.name, certainty=round(certainty, 4)
    )


def summary_of(events: Sequence[Event]) -> HistorySummary | None:
    """Events, oldest first, in a few numbers; None where there are none."""
    if not events:
        return None
    ratings = [event.rating for event in events if event.rating is not None]
    times = [event.occurred_at for event in events if event.occurred_at is not None]
    return HistorySummary(
        num_items=len({event.item_id for event in events}),
        event_counts=dict(Counter(event.event_type for event in events)),
        mean_rating=round(sum(ratings) / len(ratings), 4) if ratings else None,
        first_at=_moment(min(times, default=None)),
        last_at=_moment(max(times, default=None)),
    )


def _moment(milliseconds: int | None) -> dt.datetime | None:
    return None if milliseconds is None else from_epoch_ms(milliseconds)


def taste_of(catalogue: Catalogue, profile: Profile) -> list[CategoryTaste]:
    """How much of what a user wanted is in each category, most first, by the models' own weights;
    an item of two categories counts for both."""
    history = profile.history
    positives = history.positive_confidences
    if not positives.any():
        return []
    popularity = catalogue.version.content.popularity
    wanted, of_all = np.zeros((2, len(catalogue)))
    wanted[history.item_indices] = positives
    of_all[: catalogue.trained] = popularity
    shares = catalogue.categories.sums(wanted) / positives.sum()
    all_users = catalogue.categories.sums(of_all) / (popularity.sum() or 1)
    names = list(catalogue.categories.names)
    return [
        CategoryTaste(
            category=names[code],
            share=round(float(shares[code]), 4),
            lift=round(float(shares[code] / all_users[code]), 4) if all_users[code] else None,
        )
        for code in np.argsort(-shares, kind="stable").tolist()
        if shares[code] > 0
    ]


def latest_of(events: Sequence[Event]) -> list[Interaction]:
    """The newest events, newest first."""
    return [
        Interaction(
            item_id=event.item_id,
            event_type=event.event_type,
            rating=event.rating,
            value=event.value,
            occurred_at=_moment(event.occurred_at),
        )
        for event in events[: -LATEST - 1 : -1]
    ]


def _missing(user_id: str, live: LiveUser | None) -> UnknownUser | DatabaseAway:
    if live is None:
        return DatabaseAway(
            f"The model does not know user '{user_id}', and the database does not answer. "
            "Try again in a few seconds."
        )
    return UnknownUser.of(user_id)
