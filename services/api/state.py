"""What lives as long as the process: made in one place, handed on, closed in one place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, cast

import anyio
from fastapi import Depends, Request
from threadpoolctl import threadpool_limits

from services.api.access.admission import Admission
from services.api.access.keys import KeyRing
from services.api.access.lockouts import Lockouts
from services.api.access.rates import open_counter
from services.api.access.signed_users import SignedUsers
from services.api.access.user_signatures import SignatureCheck
from services.api.ingest.descriptions import Descriptions
from services.api.ingest.events import Ingestion
from services.api.ingest.merging import Merger
from services.api.ingest.removal import Remover
from services.api.live.catalogue_updates import LiveCatalogue
from services.api.live.first_training import FirstTraining
from services.api.live.list_cache import ListCache, open_cache
from services.api.live.polling import repeat
from services.api.live.reader import DatabaseReader
from services.api.live.redis_connection import RedisConnection
from services.api.live.served_version import ServedVersion
from services.api.live.trend import LiveTrend
from services.api.live.undescribed.listing import UndescribedListing
from services.api.live.users import LiveUsers
from services.api.live.writer import DatabaseWriter
from services.api.privacy.erasure import Eraser
from services.api.privacy.export import Exporter
from services.api.recommend.recommender import Recommender
from services.api.settings import ApiSettings

# numpy computes outside Python's lock; more threads than cores only wait. Reads of the database
# have threads of their own: a queue for scoring must not look like a slow database.
SCORING_THREADS = 4


@dataclass(frozen=True)
class State:
    """The parts that requests use."""

    settings: ApiSettings
    admission: Admission
    signed_users: SignedUsers
    served: ServedVersion
    catalogue: LiveCatalogue
    first_training: FirstTraining
    database: DatabaseReader
    cache: ListCache
    scoring: anyio.CapacityLimiter
    recommender: Recommender
    ingestion: Ingestion
    descriptions: Descriptions
    merger: Merger
    remover: Remover
    undescribed: UndescribedListing
    eraser: Eraser
    exporter: Exporter


@asynccontextmanager
async def open_state(settings: ApiSettings) -> AsyncIterator[State]:
    """Make the parts and keep watch while they are used; needs no neighbour to be there."""
    # Requests are computed side by side: a BLAS that starts threads of its own for each of them
    # takes 18 ms for what takes .7.
    threadpool_limits(1, user_api="blas")
    database = DatabaseReader(settings.database(), settings.database_timeout_seconds)
    redis = _redis(settings)
    cache = open_cache(redis, settings.cache_ttl_seconds)
    counter = open_counter(redis)
    lockouts = Lockouts(settings.wrong_keys(), counter)
    served = ServedVersion(settings.artifact_dir)
    catalogue = LiveCatalogue(served, database, settings.event_weights)
    trend = LiveTrend(served, database)
    first_training = FirstTraining(served, database, settings.train_after)
    scoring = anyio.CapacityLimiter(SCORING_THREADS)
    users = LiveUsers(database)
    recommender = Recommender(
        users,
        catalogue,
        trend,
        cache,
        scoring,
        exclude_events=settings.exclude_events or None,
        rules=settings.rules,
        new_item_share=settings.new_item_share,
        undescribed_item_users=settings.undescribed_item_users,
        filter_sets=settings.filters,
    )
    writer = DatabaseWriter(settings.database(), settings.write_timeout_seconds, database.breaker)
    state = State(
        settings=settings,
        admission=Admission(KeyRing(settings.keys_by_kind()), settings.rates(), counter, lockouts),
        signed_users=SignedUsers(SignatureCheck(settings.user_signing_key), lockouts),
        served=served,
        catalogue=catalogue,
        first_training=first_training,
        database=database,
        cache=cache,
        scoring=scoring,
        recommender=recommender,
        ingestion=Ingestion(served, database, writer, list(settings.event_weights)),
        descriptions=Descriptions(writer),
        merger=Merger(writer, cache),
        remover=Remover(writer, served),
        undescribed=UndescribedListing(catalogue, trend, database, settings.undescribed_item_users),
        eraser=Eraser(writer, cache, served, settings.artifact_dir, settings.cache_ttl_seconds),
        exporter=Exporter(database, settings.artifact_dir),
    )

    try:
        await database.open()
        await cache.probe()
        await catalogue.poll()
        await first_training.poll()
        async with anyio.create_task_group() as watch:
            watch.start_soon(repeat, catalogue.poll, settings.model_poll_seconds)
            watch.start_soon(repeat, trend.poll, settings.trend_seconds)
            watch.start_soon(repeat, first_training.poll, settings.trend_seconds)
            watch.start_soon(repeat, database.probe, settings.probe_seconds)
            watch.start_soon(repeat, cache.probe, settings.probe_seconds)
            watch.start_soon(state.ingestion.commits.run)
            yield state
            watch.cancel_scope.cancel()
    finally:
        await cache.close()
        writer.close()
        database.close()


def _redis(settings: ApiSettings) -> RedisConnection | None:
    if settings.redis_url is None:
        return None
    return RedisConnection(settings.redis_url.get_secret_value(), settings.redis_timeout_seconds)


async def _state_of(request: Request) -> State:
    return cast(State, request.state.parts)


StateDep = Annotated[State, Depends(_state_of)]
