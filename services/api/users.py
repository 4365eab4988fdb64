"""What is known of users: by the served version, and by the database while it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.database import LiveDatabase
from services.api.problems import DatabaseAway, UnknownUser
from services.api.schemas.users import (
    Interaction,
    SegmentsResponse,
    UserResponse,
    UserSegment,
    UsersResponse,
    UserSummary,
)
from shared.histories import History
from shared.tables import interactions, users
from shared.versions import Version

LATEST = 10  # interactions shown of a user


@dataclass(frozen=True)
class UserRecord:
    """The database's side of a user; `attributes` is None where there is no row in `users`."""

    attributes: dict[str, Any] | None
    num_interactions: int
    latest: Sequence[Interaction]

    @property
    def exists(self) -> bool:
        return self.attributes is not None or self.num_interactions > 0


def list_users(version: Version, limit: int, offset: int) -> UsersResponse:
    """A page of the users whom the version knows, in the byte order of their ids."""
    content = version.content
    page = range(len(content.users))[offset : offset + limit]
    return UsersResponse(
        users=[
            UserSummary(user_id=content.users[index], num_items=len(content.histories[index]))
            for index in page
        ],
        total_count=len(content.users),
        limit=limit,
        offset=offset,
        model_version=version.name,
    )


async def describe_user(
    version: Version | None, database: LiveDatabase, user_id: str
) -> UserResponse:
    """Both sides of a user; UnknownUser where neither has one, DatabaseAway where only it could."""
    history = trained_history(version, user_id)
    record = await database.ask(lambda connection: read_user(connection, user_id))
    if not len(history) and (record is None or not record.exists):
        raise _missing(user_id, record)
    return UserResponse(
        user_id=user_id,
        known_to_model=version is not None and version.ranker.knows(history),
        segment=segment_of(version, user_id),
        num_interactions=record and record.num_interactions,
        attributes=record and record.attributes,
        latest_interactions=record and list(record.latest),
        model_version=version and version.name,
    )


def trained_history(version: Version | None, user_id: str) -> History:
    """What the version was trained on of the user, empty where it was nothing."""
    if version is None:
        return History.empty()
    return version.content.histories[version.content.users.find(user_id)]


def segment_of(version: Version | None, user_id: str) -> UserSegment | None:
    """The user's segment in the version."""
    if version is None or version.content.segments is None:
        return None
    found = version.content.segments.of(version.content.users.find(user_id))
    if found is None:
        return None
    segment, certainty = found
    return UserSegment(
        segment_id=segment.segment_id, name=segment.name, certainty=round(certainty, 4)
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


def _missing(user_id: str, record: UserRecord | None) -> UnknownUser | DatabaseAway:
    if record is None:
        return DatabaseAway(
            f"The model does not know user '{user_id}', and the database does not answer. "
            "Try again in a few seconds."
        )
    return UnknownUser(
        f"There is no user '{user_id}'. Ids are compared byte by byte; GET /users lists them."
    )


def read_user(connection: Connection, user_id: str) -> UserRecord:
    """The user's row, how many interactions there are, and the latest of them."""
    mine = interactions.c.user_id == user_id
    attributes = connection.scalar(sa.select(users.c.attributes).where(users.c.user_id == user_id))
    count = connection.scalar(sa.select(sa.func.count()).where(mine))
    latest = (
        sa.select(
            interactions.c.item_id,
            interactions.c.event_type,
            interactions.c.rating,
            interactions.c.occurred_at,
        )
        .where(mine)
        .order_by(interactions.c.occurred_at.desc(), interactions.c.id.desc())
        .limit(LATEST)
    )
    rows = connection.execute(latest).mappings()
    return UserRecord(attributes, count or 0, [Interaction(**row) for row in rows])
