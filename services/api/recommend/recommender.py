"""How requests for lists are answered: what is true of the user now, and what follows from it."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import anyio
from pydantic_core import to_json

from services.api.live.cache_keys import recommendation_id, recommendation_key
from services.api.live.catalogue import Catalogue
from services.api.live.catalogue_updates import LiveCatalogue
from services.api.live.list_cache import ListCache
from services.api.live.trend import LiveTrend
from services.api.live.undescribed.held_back import UndescribedItems
from services.api.live.users import LiveUser, LiveUsers
from services.api.problems import CursorLost, UnknownItem
from services.api.recommend.batch_lists import in_chunks, require_affordable
from services.api.recommend.item_lists import latest_items, popular_items
from services.api.recommend.item_summary import describe_item, list_items
from services.api.recommend.lists import make_list, make_lists
from services.api.recommend.pages import Page, make_page
from services.api.recommend.predictions import predict
from services.api.recommend.profile import Profile, profile_of, session_profile
from services.api.recommend.ranking.filter_sets import FilterSets
from services.api.recommend.ranking.list_request import ListRequest, Snapshot
from services.api.recommend.rules import Rules
from services.api.recommend.scorer_choice import require_scorers
from services.api.recommend.similar_items import similar_items
from services.api.recommend.user_summary import describe_user
from services.api.recommend.why_not import why_not
from services.api.schemas.filters.conditions import ItemFilter, RequestedFilter
from services.api.schemas.filters.fields import field_names
from services.api.schemas.items import ItemListQuery, ItemResponse, ItemsResponse
from services.api.schemas.predictions import PredictRequest, PredictResponse
from services.api.schemas.recommendations import (
    BatchRequest,
    ListOptions,
    RecommendRequest,
    SessionRequest,
    WhyNotQuery,
    WhyNotResponse,
)
from services.api.schemas.users import UserResponse

T = TypeVar("T")


class Recommender:
    """Answers everything that takes a user and a version together.

    `exclude_events` are the events whose items `exclude_rated` leaves out, `rules`,
    `new_item_share` and `undescribed_item_users` hold for every list; `scoring` bounds the threads
    that compute.
    """

    def __init__(
        self,
        users: LiveUsers,
        catalogue: LiveCatalogue,
        trend: LiveTrend,
        cache: ListCache,
        scoring: anyio.CapacityLimiter,
        *,
        exclude_events: Collection[str] | None,
        rules: Rules,
        new_item_share: float,
        undescribed_item_users: int,
        filter_sets: FilterSets,
    ) -> None:
        self._users = users
        self._catalogue = catalogue
        self._trend = trend
        self._cache = cache
        self._scoring = scoring
        self._exclude_events = exclude_events
        self._rules = rules
        self._new_item_share = new_item_share
        self._undescribed = UndescribedItems(undescribed_item_users)
        self._filter_sets = filter_sets

    async def recommend(self, request: RecommendRequest) -> bytes:
        """The response as JSON: the cached list where nothing has changed since, or a new one.

        WrongFilter, as everywhere that a filter is taken.
        """
        item_filter = self._item_filter(request)
        user, snapshot = await self._now(request.user_id)
        user_id = _owner(request.user_id, user)
        shown = await self._shown_before(user_id, request.cursor)
        list_id = self._list_id(snapshot, user_id, user, request, item_filter, request.cursor)
        stored = await self._cache.get(recommendation_key(list_id))
        if stored is not None:
            return Page.from_bytes(stored).answer

        def compute() -> Page:
            profile = self._profile(snapshot.catalogue, user_id, user)
            indices = snapshot.catalogue.find_all(shown)
            list_request = ListRequest(
                snapshot, user_id, profile, request, list_id, indices, item_filter=item_filter
            )
            return make_page(list_request, user_id, shown)

        page = await self._in_thread(compute)
        await self._cache.put(recommendation_key(list_id), page.to_bytes())
        return page.answer

    async def recommend_many(self, request: BatchRequest) -> AsyncGenerator[bytes]:
        """The JSON of a BatchResponse, piece by piece; nothing is computed for whoever has gone.

        Before the first piece NoRatingModel, and TooCostly for more than one request may ask for.
        """
        snapshot = self._snapshot(await self._catalogue.latest())
        n_items = len(snapshot.catalogue)
        require_scorers(snapshot.catalogue.version, request.rank_by)
        require_affordable(request, len(request.user_ids), n_items)
        item_filter = self._item_filter(request)
        if item_filter is not None:  # a wrong one is refused here, and the mask kept for the lists
            await self._in_thread(partial(snapshot.catalogue.matching, item_filter))
        chunks = in_chunks(request.user_ids, request, n_items)
        return self._pieces(snapshot, request, item_filter, chunks)

    async def _pieces(
        self,
        snapshot: Snapshot,
        request: BatchRequest,
        item_filter: ItemFilter | None,
        chunks: Iterator[list[str]],
    ) -> AsyncGenerator[bytes]:
        separator = b'{"results":['
        for user_ids in chunks:
            users = await self._users.read_many(user_ids)
            make = partial(self._make_lists, snapshot, request, item_filter, user_ids, users)
            yield separator + b",".join(await self._in_thread(make))
            separator = b","
        yield b'],"model_version":' + to_json(snapshot.catalogue.version.name) + b"}"

    def _make_lists(
        self,
        snapshot: Snapshot,
        options: ListOptions,
        item_filter: ItemFilter | None,
        user_ids: Sequence[str],
        users: Mapping[str, LiveUser] | None,
    ) -> list[bytes]:
        list_requests = []
        for asked_id in user_ids:
            user = None if users is None else users[asked_id]
            user_id = _owner(asked_id, user)
            list_id = self._list_id(snapshot, user_id, user, options, item_filter)
            profile = self._profile(snapshot.catalogue, user_id, user)
            list_requests.append(
                ListRequest(snapshot, user_id, profile, options, list_id, item_filter=item_filter)
            )
        return make_lists(list_requests)

    async def recommend_session(self, request: SessionRequest) -> bytes:
        """The list for somebody who just looked at some items, as JSON."""
        item_filter = self._item_filter(request)
        snapshot = self._snapshot(await self._catalogue.latest())

        def compute() -> bytes:
            version = snapshot.catalogue.version.name
            list_id = recommendation_id(version, "", repr(request.item_ids), request)
            profile = session_profile(snapshot.catalogue, request.item_ids)
            list_request = ListRequest(
                snapshot, None, profile, request, list_id, item_filter=item_filter
            )
            return make_list(list_request)

        return await self._in_thread(compute)

    async def predict(self, request: PredictRequest) -> PredictResponse:
        """What the user would rate each item."""
        user, snapshot = await self._now(request.user_id)
        user_id = _owner(request.user_id, user)

        def compute() -> PredictResponse:
            profile = self._profile(snapshot.catalogue, user_id, user)
            return predict(snapshot.catalogue, user_id, profile, request.item_ids)

        return await self._in_thread(compute)

    async def why_not(self, user_id: str, item_id: str, query: WhyNotQuery) -> WhyNotResponse:
        """What becomes of an item on its way into the user's list; UnknownItem for none.

        NoRatingModel, as for the list, wherever the item is dropped.
        """
        user, snapshot = await self._now(user_id)
        user_id = _owner(user_id, user)
        if snapshot.catalogue.find(item_id) < 0:
            raise UnknownItem.of(item_id)
        options, shown = query.list_options(), await self._shown_before(user_id, query.cursor)
        require_scorers(snapshot.catalogue.version, options.rank_by)
        item_filter = self._item_filter(options)
        list_id = self._list_id(snapshot, user_id, user, options, item_filter, query.cursor)

        def compute() -> WhyNotResponse:
            profile = self._profile(snapshot.catalogue, user_id, user)
            indices = snapshot.catalogue.find_all(shown)
            if item_filter is not None:  # a wrong one is refused wherever the item is dropped
                snapshot.catalogue.matching(item_filter)
            list_request = ListRequest(
                snapshot, user_id, profile, options, list_id, indices, item_filter=item_filter
            )
            return why_not(list_request, item_id)

        return await self._in_thread(compute)

    async def similar(
        self,
        item_id: str,
        top_n: int,
        requested: RequestedFilter | None,
        fields: Sequence[str] | None,
    ) -> bytes:
        """Items like one, as JSON; UnknownItem where there is none of that id."""
        item_filter = self._filter_sets.item_filter(requested)
        snapshot = self._snapshot(await self._catalogue.latest())
        if snapshot.catalogue.find(item_id) < 0:
            raise UnknownItem.of(item_id)
        return await self._in_thread(
            lambda: similar_items(snapshot, item_id, top_n, item_filter, fields)
        )

    async def popular(self, query: ItemListQuery) -> bytes:
        """What most people want, as JSON."""
        item_filter = self._filter_sets.item_filter(query.requested_filter(), query.categories())
        snapshot = self._snapshot(await self._catalogue.latest())
        return await self._in_thread(
            lambda: popular_items(snapshot, item_filter, query.top_n, field_names(query.fields))
        )

    async def newest(self, query: ItemListQuery) -> bytes:
        """What came last, as JSON."""
        item_filter = self._filter_sets.item_filter(query.requested_filter(), query.categories())
        catalogue = await self._catalogue.latest()
        return await self._in_thread(
            lambda: latest_items(catalogue, item_filter, query.top_n, field_names(query.fields))
        )

    async def describe_item(self, item_id: str) -> ItemResponse:
        """What is known of an item; UnknownItem where there is none of that id."""
        catalogue = await self._catalogue.latest()
        item = catalogue.find(item_id)
        if item < 0:
            raise UnknownItem.of(item_id)
        return await self._in_thread(lambda: describe_item(catalogue, item))

    async def list_items(self, limit: int, cursor: str) -> ItemsResponse:
        """A page of all items whose ids come after `cursor`."""
        catalogue = await self._catalogue.latest()
        return await self._in_thread(lambda: list_items(catalogue, limit, cursor))

    async def knows(self, item_id: str) -> bool:
        """Whether lists may hold an item, as far as is known."""
        return (await self._catalogue.latest()).find(item_id) >= 0

    async def describe(self, user_id: str) -> UserResponse:
        """What is known of a user."""
        user = await self._users.read(user_id)
        user_id = _owner(user_id, user)
        count = await self._users.count(user_id, user)
        catalogue = (await self._snapshot_at(user)).catalogue

        def compute() -> UserResponse:
            profile = self._profile(catalogue, user_id, user)
            return describe_user(catalogue, user_id, user, profile, count)

        return await self._in_thread(compute)

    async def _now(self, user_id: str) -> tuple[LiveUser | None, Snapshot]:
        """What is true of a user at this moment, None while the database is away, and of all."""
        user = await self._users.read(user_id)
        return user, await self._snapshot_at(user)

    async def _snapshot_at(self, user: LiveUser | None) -> Snapshot:
        revision = None if user is None else user.revision
        return self._snapshot(await self._catalogue.at_revision(revision))

    def _snapshot(self, catalogue: Catalogue) -> Snapshot:
        trend = self._trend.trend
        held_back = self._undescribed.held_back(catalogue, trend)
        return Snapshot(catalogue, trend, self._rules, self._new_item_share, held_back)

    def _item_filter(self, options: ListOptions) -> ItemFilter | None:
        return self._filter_sets.item_filter(options.filter, options.categories)

    def _profile(self, catalogue: Catalogue, user_id: str, user: LiveUser | None) -> Profile:
        return profile_of(catalogue, user_id, user, self._exclude_events)

    async def _shown_before(self, user_id: str, cursor: str | None) -> Sequence[str]:
        """The items of the pages before the one that the cursor leads to."""
        if cursor is None:
            return []
        stored = await self._cache.get(recommendation_key(cursor))
        page = stored and Page.from_bytes(stored)
        if not page or page.user_id != user_id:
            raise CursorLost(
                f"The cursor '{cursor}' is not known (any more) for user "
                f"'{user_id}': it is kept for {self._cache.ttl_seconds:g} s after "
                "its page was asked for. Ask without a cursor to begin anew."
            )
        return page.shown

    def _list_id(
        self,
        snapshot: Snapshot,
        user_id: str,
        user: LiveUser | None,
        options: ListOptions,
        item_filter: ItemFilter | None,
        cursor: str | None = None,
    ) -> str:
        """Equal for what must be an equal answer."""
        return recommendation_id(
            snapshot.catalogue.version.name,
            user_id,
            "" if user is None else user.token,
            [getattr(options, name) for name in ListOptions.model_fields],
            item_filter,
            cursor,
            snapshot.rules,
            snapshot.new_share,
            snapshot.held_back.mark,
            0 if _is_informative(snapshot.catalogue, user) else snapshot.trend.mark,
        )

    async def _in_thread(self, compute: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(compute, limiter=self._scoring)


def _owner(user_id: str, user: LiveUser | None) -> str:
    """Whose all that is asked under an id is: the user's into whom it was merged, or its own."""
    return user_id if user is None or user.alias_of is None else user.alias_of


def _is_informative(catalogue: Catalogue, user: LiveUser | None) -> bool:
    """Whether the user did anything that the ranker may learn from. For all others what many want
    counts, and it changes from moment to moment."""
    if user is None or catalogue.version.ranker is catalogue.version.content.fallback:
        return False
    return any(0 <= catalogue.find(event.item_id) < catalogue.trained for event in user.events)
