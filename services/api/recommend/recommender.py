"""How requests for lists are answered: live user, catalogue, cache, and the list itself."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import anyio

from services.api.live.cache_keys import recommendation_id, recommendation_key
from services.api.live.catalogue import Catalogue
from services.api.live.catalogue_updates import LiveCatalogue
from services.api.live.list_cache import ListCache
from services.api.live.trend import LiveTrend
from services.api.live.users import LiveUser, LiveUsers
from services.api.problems import CursorLost, UnknownItem
from services.api.recommend.lists import ListRequest, Snapshot, make_list, make_lists
from services.api.recommend.pages import Page
from services.api.recommend.predictions import predict
from services.api.recommend.profile import NOBODY, Profile, profile_of, session_profile
from services.api.recommend.similar_items import similar_items
from services.api.recommend.user_summary import describe_user
from services.api.recommend.why_not import why_not
from services.api.schemas.items import SimilarResponse
from services.api.schemas.predictions import PredictRequest, PredictResponse
from services.api.schemas.recommendations import (
    BatchRequest,
    BatchResponse,
    ListOptions,
    RecommendRequest,
    RecommendResponse,
    SessionRequest,
    WhyNotResponse,
)
from services.api.schemas.users import UserResponse
from services.api.settings import ApiSettings

T = TypeVar("T")


class Recommender:
    """Answers everything that takes a user and a version together."""

    def __init__(
        self,
        settings: ApiSettings,
        users: LiveUsers,
        catalogue: LiveCatalogue,
        trend: LiveTrend,
        cache: ListCache,
        scoring: anyio.CapacityLimiter,
    ) -> None:
        self._settings = settings
        self._users = users
        self._catalogue = catalogue
        self._trend = trend
        self._cache = cache
        self._scoring = scoring

    async def recommend(self, request: RecommendRequest) -> bytes:
        """The response as JSON: the cached list where nothing has changed since, or a new one."""
        live = await self._users.read(request.user_id)
        snapshot = await self._snapshot(live)
        before = await self._shown_before(request)
        list_id = self._list_id(snapshot, request.user_id, live, request, request.cursor)
        stored = await self._cache.get(recommendation_key(list_id))
        if stored is not None:
            return Page.from_bytes(stored).answer

        def compute() -> Page:
            shown = snapshot.catalogue.find_all(before)
            profile = self._profile(snapshot.catalogue, request.user_id, live)
            made = make_list(
                snapshot, ListRequest(request.user_id, profile, request, list_id, shown)
            )
            return Page.of(request.user_id, before, made)

        page = await self._in_thread(compute)
        await self._cache.put(recommendation_key(list_id), page.to_bytes())
        return page.answer

    async def recommend_many(self, request: BatchRequest) -> BatchResponse:
        """The lists of many users."""
        lives = await self._users.read_many(request.user_ids)
        snapshot = await self._snapshot(next(iter(lives.values())) if lives else None)

        def compute() -> BatchResponse:
            list_requests = []
            for user_id in request.user_ids:
                live = None if lives is None else lives[user_id]
                list_id = self._list_id(snapshot, user_id, live, request)
                profile = self._profile(snapshot.catalogue, user_id, live)
                list_requests.append(ListRequest(user_id, profile, request, list_id))
            lists = [_last_page(made) for made in make_lists(snapshot, list_requests)]
            return BatchResponse(results=lists, model_version=snapshot.catalogue.version.name)

        return await self._in_thread(compute)

    async def recommend_session(self, request: SessionRequest) -> RecommendResponse:
        """The list for somebody who just looked at some items."""
        snapshot = self._snapshot_of(await self._catalogue.latest())

        def compute() -> RecommendResponse:
            version = snapshot.catalogue.version.name
            list_id = recommendation_id(version, "", repr(request.item_ids), request)
            profile = session_profile(snapshot.catalogue, request.item_ids)
            return _last_page(make_list(snapshot, ListRequest(None, profile, request, list_id)))

        return await self._in_thread(compute)

    async def predict(self, request: PredictRequest) -> PredictResponse:
        """What the user would rate each item."""
        live = await self._users.read(request.user_id)
        snapshot = await self._snapshot(live)

        def compute() -> PredictResponse:
            profile = self._profile(snapshot.catalogue, request.user_id, live)
            return predict(snapshot.catalogue, profile, request)

        return await self._in_thread(compute)

    async def why_not(self, user_id: str, item_id: str, options: ListOptions) -> WhyNotResponse:
        """What becomes of an item on its way into the user's list; UnknownItem for none."""
        live = await self._users.read(user_id)
        snapshot = await self._snapshot(live)
        if snapshot.catalogue.find(item_id) < 0:
            raise UnknownItem.of(item_id)
        list_id = self._list_id(snapshot, user_id, live, options)

        def compute() -> WhyNotResponse:
            profile = self._profile(snapshot.catalogue, user_id, live)
            return why_not(snapshot, ListRequest(user_id, profile, options, list_id), item_id)

        return await self._in_thread(compute)

    async def similar(self, item_id: str, top_n: int) -> SimilarResponse:
        """Items like one; UnknownItem where there is none of that id."""
        catalogue = await self._catalogue.latest()
        if catalogue.find(item_id) < 0:
            raise UnknownItem.of(item_id)
        return await self._in_thread(lambda: similar_items(catalogue, item_id, top_n))

    async def describe(self, user_id: str) -> UserResponse:
        """What is known of a user."""
        live = await self._users.read(user_id)
        count = await self._users.count(user_id, live)
        if not self._catalogue.has_version:
            return describe_user(None, user_id, live, NOBODY, count)
        catalogue = (await self._snapshot(live)).catalogue

        def compute() -> UserResponse:
            profile = self._profile(catalogue, user_id, live)
            return describe_user(catalogue, user_id, live, profile, count)

        return await self._in_thread(compute)

    async def _snapshot(self, live: LiveUser | None) -> Snapshot:
        return self._snapshot_of(
            await self._catalogue.at_revision(None if live is None else live.revision)
        )

    def _snapshot_of(self, catalogue: Catalogue) -> Snapshot:
        return Snapshot(
            catalogue=catalogue,
            trend=self._trend.trend,
            rules=self._settings.rules,
            new_share=self._settings.new_item_share,
        )

    def _profile(self, catalogue: Catalogue, user_id: str, live: LiveUser | None) -> Profile:
        return profile_of(catalogue, user_id, live, self._settings.exclude_events)

    async def _shown_before(self, request: RecommendRequest) -> Sequence[str]:
        """The items of the pages before this one."""
        if request.cursor is None:
            return []
        stored = await self._cache.get(recommendation_key(request.cursor))
        page = stored and Page.from_bytes(stored)
        if not page or page.user_id != request.user_id:
            raise CursorLost(
                f"The cursor '{request.cursor}' is not known (any more) for user "
                f"'{request.user_id}': it is kept for {self._settings.cache_ttl_seconds} s after "
                "its page was asked for. Ask without a cursor to begin anew."
            )
        return page.shown

    def _list_id(
        self,
        snapshot: Snapshot,
        user_id: str,
        live: LiveUser | None,
        options: ListOptions,
        cursor: str | None = None,
    ) -> str:
        """Equal for what must be an equal answer."""
        return recommendation_id(
            snapshot.catalogue.version.name,
            user_id,
            "" if live is None else live.token,
            [getattr(options, name) for name in ListOptions.model_fields],
            cursor,
            snapshot.rules,
            snapshot.new_share,
            # What many want counts only for those who have done nothing.
            0 if live is not None and live.events else snapshot.trend.mark,
        )

    async def _in_thread(self, compute: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(compute, limiter=self._scoring)


def _last_page(made: RecommendResponse) -> RecommendResponse:
    """A list that is not kept, so that nothing can go on after it."""
    return made.model_copy(update={"next_cursor": None})
