"""All that is held of a user, as one JSON object that is written while it is read."""

import datetime as dt
import math
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.api.live.reader import DatabaseReader
from services.api.privacy.erasure import where_files_may_be
from services.api.problems import DatabaseAway, UnknownUser
from services.api.recommend.user_summary import segment_of
from services.api.schemas.erasure import (
    ExportedInteraction,
    ExportedUser,
    ExportedVersion,
    ExportResponse,
    TrainedInteraction,
)
from shared.artifacts.id_map import IdMap
from shared.artifacts.versions import Version, VersionError, read_version, version_names
from shared.database.tables import interactions, users
from shared.scorers import Scorer
from shared.scorers.histories import History

PAGE_ROWS = 2_000  # 50 ms, of the 500 that a request has for the database


Place = tuple[dt.datetime | None, int]
"""After which interaction a page begins: its time, if it has one, and its id."""


class InteractionsPage(NamedTuple):
    """Some of a user's interactions in their order, as (occurred_at, id, exported row)."""

    rows: list[tuple[dt.datetime | None, int, ExportedInteraction]]

    @property
    def next(self) -> Place | None:
        """After what the next page begins; None after the last."""
        return self.rows[-1][:2] if len(self.rows) == PAGE_ROWS else None

    def as_json(self) -> bytes:
        return b",".join(row[2].model_dump_json().encode() for row in self.rows)


class Beginning(NamedTuple):
    """A user's own row, and the first of their interactions."""

    user: ExportedUser | None
    page: InteractionsPage


class Exporter:
    """Answers `GET /users/{user_id}/export`."""

    def __init__(self, database: DatabaseReader, artifact_dir: Path) -> None:
        self._database = database
        self._artifact_dir = artifact_dir
        self._turn = anyio.CapacityLimiter(1)  # it reads versions from end to end

    async def export(self, user_id: str) -> AsyncIterator[bytes]:
        """The JSON of an ExportResponse, piece by piece; it breaks off where the database does.

        Before the first piece UnknownUser where nothing is held, DatabaseAway where nobody knows.
        """
        beginning = await self._database.read(partial(_read_beginning, user_id=user_id))
        if beginning is None:
            raise DatabaseAway("The database does not answer. Try again in a few seconds.")
        versions, unread = await anyio.to_thread.run_sync(
            _read_versions, self._artifact_dir, user_id, limiter=self._turn
        )
        if beginning.user is None and not beginning.page.rows and not versions:
            raise UnknownUser.of(user_id, "Nothing is held of a user '{}'")
        export = ExportResponse(
            user_id=user_id,
            exported_at=dt.datetime.now(dt.UTC),
            user=beginning.user,
            versions=versions,
            not_included=[*unread, *where_files_may_be(self._artifact_dir)],
            interactions=[],
        )
        return self._pieces(export, beginning.page)

    async def _pieces(self, export: ExportResponse, page: InteractionsPage) -> AsyncIterator[bytes]:
        yield export.model_dump_json().encode().removesuffix(b"]}") + page.as_json()
        while page.next is not None:
            read = partial(_read_page, user_id=export.user_id, after=page.next)
            following = await self._database.read(read)
            if following is None:
                raise DatabaseAway("The database stopped answering; the export breaks off.")
            page = following
            if page.rows:
                yield b"," + page.as_json()
        yield b"]}"


def _read_beginning(connection: Connection, user_id: str) -> Beginning:
    query = sa.select(users.c.attributes, users.c.created_at).where(users.c.user_id == user_id)
    row = connection.execute(query).mappings().first()
    user = None if row is None else ExportedUser(**row)
    return Beginning(user, _read_page(connection, user_id, None))


_COLUMNS = [interactions.c[name] for name in ExportedInteraction.model_fields]


def _read_page(connection: Connection, user_id: str, after: Place | None) -> InteractionsPage:
    order = interactions.c.occurred_at, interactions.c.id
    query = (
        sa.select(interactions.c.id, *_COLUMNS)
        .where(interactions.c.user_id == user_id)
        .order_by(*order)
        .limit(PAGE_ROWS)
    )
    if after is not None:
        query = query.where(_comes_after(after))
    rows = connection.execute(query).mappings()
    return InteractionsPage([(r["occurred_at"], r["id"], ExportedInteraction(**r)) for r in rows])


def _comes_after(place: Place) -> sa.ColumnElement[bool]:
    """What has no time comes first."""
    occurred_at, last_id = place
    time, is_later = interactions.c.occurred_at, interactions.c.id > last_id
    if occurred_at is None:
        return sa.or_(time.is_not(None), sa.and_(time.is_(None), is_later))
    return sa.or_(time > occurred_at, sa.and_(time == occurred_at, is_later))


def _read_versions(artifact_dir: Path, user_id: str) -> tuple[list[ExportedVersion], list[str]]:
    """What each version holds of the user, and sentences on those that cannot be read."""
    held, unread = [], []
    for name in version_names(artifact_dir):
        try:
            version = read_version(artifact_dir, name)
        except VersionError as error:
            unread.append(f"{error}.")
            continue
        user_index = version.content.users.find(user_id)
        if user_index >= 0:
            held.append(_held_by(version, user_id, user_index))
    return held, unread


def _held_by(version: Version, user_id: str, user_index: int) -> ExportedVersion:
    content = version.content
    history = content.histories[user_index]
    return ExportedVersion(
        model_version=version.name,
        history=_trained_interactions(history, content.items),
        attributes=history.attributes.tolist(),
        numbers={name: _numbers(model, user_index) for name, model in content.models.items()},
        segment=segment_of(version, user_id),
    )


def _trained_interactions(history: History, items: IdMap) -> list[TrainedInteraction]:
    return [
        TrainedInteraction(
            item_id=items[item],
            preference=preference,
            confidence=confidence,
            rating=None if math.isnan(rating) else rating,
            age=age,
        )
        for item, preference, confidence, rating, age in zip(
            history.item_indices.tolist(),
            history.preferences.tolist(),
            history.confidences.tolist(),
            history.ratings.tolist(),
            history.recency_ranks.tolist(),
            strict=True,
        )
    ]


def _numbers(model: Scorer, user_index: int) -> dict[str, Any]:
    """The user's row in each array of the model that an erasure would empty."""
    arrays = model.arrays()
    emptied = model.without_users(np.array([user_index])).arrays()
    return {
        name: array[user_index].tolist()
        for name, array in arrays.items()
        if array is not emptied[name]
    }
