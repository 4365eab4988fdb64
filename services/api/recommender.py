"""How a request for a list is answered: version, live history, cache, and the list itself."""

import anyio

from services.api.cache import ListCache
from services.api.history import Histories, History
from services.api.listing import make_list
from services.api.schemas.recommendations import RecommendRequest
from services.api.served_version import ServedVersion
from shared.cache_keys import recommendation_id, recommendation_key
from shared.versions import Version


class Recommender:
    """Answers `POST /recommend`."""

    def __init__(
        self,
        served: ServedVersion,
        histories: Histories,
        cache: ListCache,
        scoring: anyio.CapacityLimiter,
    ) -> None:
        self._served = served
        self._histories = histories
        self._cache = cache
        self._scoring = scoring

    async def recommend(self, request: RecommendRequest) -> bytes:
        """The response as JSON: the cached list where nothing has changed since, or a new one."""
        version = self._served.require()
        history = await self._histories.read(request.user_id)
        list_id = _list_id(version, request, history)
        answer = await self._cache.get(recommendation_key(list_id))
        if answer is None:
            answer = await self._compute(version, request, history, list_id)
            await self._cache.put(recommendation_key(list_id), answer)
        return answer

    async def _compute(
        self, version: Version, request: RecommendRequest, history: History | None, list_id: str
    ) -> bytes:
        def compute() -> bytes:
            return make_list(version, request, history, list_id).model_dump_json().encode()

        return await anyio.to_thread.run_sync(compute, limiter=self._scoring)


def _list_id(version: Version, request: RecommendRequest, history: History | None) -> str:
    return recommendation_id(
        version.name,
        request.user_id,
        "" if history is None else history.token,
        request.top_n,
        request.exclude_rated,
        request.rank_by,
    )
