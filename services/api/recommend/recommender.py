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
from services.api.recommend.lists import Shelf, Wish, make_list, make_lists
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
    RecommendRequest,
    RecommendResponse,
    SessionRequest,
    Steering,
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
        shelf = await self._shelf(live)
        before = await self._shown_before(request)
        list_id = self._list_id(shelf, request.user_id, live, request, request.cursor)
        stored = await self._cache.get(recommendation_key(list_id))
        if stored is not None:
            return Page.from_bytes(stored).answer

        def compute() -> Page:
            shown = shelf.catalogue.find_all(before)
            profile = self._profile(shelf.catalogue, request.user_id, live)
            made = make_list(shelf, Wish(request.user_id, profile, request, list_id, shown))
            return Page.of(request.user_id, before, made)

        page = await self._in_thread(compute)
        await self._cache.put(recommendation_key(list_id), page.to_bytes())
        return page.answer

    async def recommend_many(self, request: BatchRequest) -> BatchResponse:
        """The lists of many users."""
        lives = await self._users.read_many(request.user_ids)
        shelf = await self._shelf(next(iter(lives.values())) if lives else None)

        def compute() -> BatchResponse:
            wishes = []
            for user_id in request.user_ids:
                live = None if lives is None else lives[user_id]
                list_id = self._list_id(shelf, user_id, live, request)
                profile = self._profile(shelf.catalogue, user_id, live)
                wishes.append(Wish(user_id, profile, request, list_id))
            lists = [_last_page(made) for made in make_lists(shelf, wishes)]
            return BatchResponse(results=lists, model_version=shelf.catalogue.version.name)

        return await self._in_thread(compute)

    async def recommend_session(self, request: SessionRequest) -> RecommendResponse:
        """The list for somebody who just looked at some items."""
        shelf = self._shelf_of(await self._catalogue.now())

        def compute() -> RecommendResponse:
            version = shelf.catalogue.version.name
            list_id = recommendation_id(version, "", repr(request.item_ids), request)
            profile = session_profile(shelf.catalogue, request.item_ids)
            return _last_page(make_list(shelf, Wish(None, profile, request, list_id)))

        return await self._in_thread(compute)

    async def predict(self, request: PredictRequest) -> PredictResponse:
        """What the user would rate each item."""
        live = await self._users.read(request.user_id)
        shelf = await self._shelf(live)

        def compute() -> PredictResponse:
            profile = self._profile(shelf.catalogue, request.user_id, live)
            return predict(shelf.catalogue, profile, request)

        return await self._in_thread(compute)

    async def why_not(self, user_id: str, item_id: str, asked: Steering) -> WhyNotResponse:
        """What becomes of an item on its way into the user's list; UnknownItem for none."""
        live = await self._users.read(user_id)
        shelf = await self._shelf(live)
        if shelf.catalogue.find(item_id) < 0:
            raise UnknownItem.of(item_id)
        list_id = self._list_id(shelf, user_id, live, asked)

        def compute() -> WhyNotResponse:
            profile = self._profile(shelf.catalogue, user_id, live)
            return why_not(shelf, Wish(user_id, profile, asked, list_id), item_id)

        return await self._in_thread(compute)

    async def similar(self, item_id: str, top_n: int) -> SimilarResponse:
        """Items like one; UnknownItem where there is none of that id."""
        catalogue = await self._catalogue.now()
        if catalogue.find(item_id) < 0:
            raise UnknownItem.of(item_id)
        return await self._in_thread(lambda: similar_items(catalogue, item_id, top_n))

    async def describe(self, user_id: str) -> UserResponse:
        """What is known of a user."""
        live = await self._users.read(user_id)
        count = await self._users.count(user_id, live)
        if not self._catalogue.is_there:
            return describe_user(None, user_id, live, NOBODY, count)
        catalogue = (await self._shelf(live)).catalogue

        def compute() -> UserResponse:
            profile = self._profile(catalogue, user_id, live)
            return describe_user(catalogue, user_id, live, profile, count)

        return await self._in_thread(compute)

    async def _shelf(self, live: LiveUser | None) -> Shelf:
        return self._shelf_of(await self._catalogue.at(None if live is None else live.revision))

    def _shelf_of(self, catalogue: Catalogue) -> Shelf:
        return Shelf(
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
        shelf: Shelf,
        user_id: str,
        live: LiveUser | None,
        asked: Steering,
        cursor: str | None = None,
    ) -> str:
        """Equal for what must be an equal answer."""
        return recommendation_id(
            shelf.catalogue.version.name,
            user_id,
            "" if live is None else live.token,
            [getattr(asked, name) for name in Steering.model_fields],
            cursor,
            shelf.rules,
            shelf.new_share,
            # What many want counts only for those who have done nothing.
            0 if live is not None and live.events else shelf.trend.mark,
        )

    async def _in_thread(self, compute: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(compute, limiter=self._scoring)


def _last_page(made: RecommendResponse) -> RecommendResponse:
    """A list that is not kept, so that nothing can go on after it."""
    return made.model_copy(update={"next_cursor": None})
