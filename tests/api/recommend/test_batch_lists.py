"""Lists of many users: what one request may cost, and that it is sent piece by piece."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy.engine import URL

from services.api.live.catalogue_updates import LiveCatalogue
from services.api.live.list_cache import LocalCache
from services.api.live.reader import DatabaseReader
from services.api.live.served_version import ServedVersion
from services.api.live.trend import LiveTrend
from services.api.live.users import LiveUser, LiveUsers
from services.api.problems import TooCostly
from services.api.recommend.batch_lists import MAX_COST, in_chunks, require_affordable, user_cost
from services.api.recommend.ranking.filter_sets import FilterSets
from services.api.recommend.recommender import Recommender
from services.api.recommend.rules import Rules
from services.api.schemas.recommendations import (
    BatchRequest,
    BatchResponse,
    ListOptions,
    RecommendResponse,
)
from shared.database.event_types import EVENT_WEIGHTS

USERS = [f"user {number}" for number in range(1000)]


def ask(api: httpx.Client, **body: Any) -> httpx.Response:
    return api.post("/recommend/batch", json=body)


def test_the_usual_batch_is_affordable() -> None:
    require_affordable(ListOptions(top_n=10), 1000, n_items=600)
    require_affordable(ListOptions(top_n=100, explain=True), 30, n_items=600)


@pytest.mark.parametrize(
    ("options", "n_users", "n_items"),
    [
        (ListOptions(top_n=100), 1000, 600),
        (ListOptions(top_n=100, explain=True), 1000, 600),
        (ListOptions(top_n=10, explain=True), 60, 600),
        (ListOptions(), 1000, 100_000),
        (ListOptions(exploration=0.1), 100, 100_000),
    ],
)
def test_what_costs_too_much_is_refused(options: ListOptions, n_users: int, n_items: int) -> None:
    with pytest.raises(TooCostly, match=r"send up to [0-9,]+ users at a time"):
        require_affordable(options, n_users, n_items)


def test_what_the_refusal_offers_is_affordable() -> None:
    options = ListOptions(top_n=100, explain=True)
    affordable = MAX_COST // user_cost(options, 600)
    require_affordable(options, affordable, 600)
    with pytest.raises(TooCostly, match=f"send up to {affordable} users"):
        require_affordable(options, affordable + 1, 600)


def test_a_single_list_is_never_refused() -> None:
    require_affordable(ListOptions(top_n=100, exploration=1), 1, n_items=10_000_000)


@pytest.mark.parametrize("n_items", [10, 600, 100_000, 10_000_000])
def test_chunks_hold_everyone_once(n_items: int) -> None:
    chunks = list(in_chunks(USERS, ListOptions(), n_items))
    assert list(chain.from_iterable(chunks)) == USERS
    assert max(map(len, chunks)) * n_items <= max(2**20, n_items)


def test_a_costly_batch_is_refused_in_words(standing_api: httpx.Client) -> None:
    answer = ask(standing_api, user_ids=USERS, top_n=100, explain=True, rank_by="rating")
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:sommelier:problem:too-costly"
    assert "send up to" in answer.json()["detail"]


def test_the_bytes_are_those_of_the_schema(standing_api: httpx.Client) -> None:
    users = ["U10001", "nobody", "张伟", "line\nend\n", *USERS[:60]]
    answer = ask(standing_api, user_ids=users, top_n=3)
    assert BatchResponse.model_validate_json(answer.content).model_dump_json() == answer.text
    explained = ask(standing_api, user_ids=users[:9], explain=True, rank_by="rating")
    assert BatchResponse.model_validate_json(explained.content).model_dump_json() == explained.text
    single = standing_api.post("/recommend", json={"user_id": "张伟", "explain": True})
    assert RecommendResponse.model_validate_json(single.content).model_dump_json() == single.text


@pytest.mark.programs  # a second or more
def test_it_is_sent_while_it_is_computed(standing_api: httpx.Client) -> None:
    body = {"user_ids": USERS, "top_n": 10}
    with standing_api.stream("POST", "/recommend/batch", json=body) as answer:
        pieces = list(answer.iter_raw())
    assert "content-length" not in answer.headers
    assert len(pieces) > 5
    results = BatchResponse.model_validate_json(b"".join(pieces)).results
    assert [result.user_id for result in results] == USERS


class CountingUsers(LiveUsers):
    """Counts how many users were read; knows nothing of any."""

    count_read = 0

    async def read_many(self, user_ids: Sequence[str]) -> dict[str, LiveUser] | None:
        self.count_read += len(user_ids)
        return {user_id: LiveUser() for user_id in user_ids}


@pytest.mark.anyio
async def test_nothing_is_computed_for_whoever_has_gone(
    tmp_path: Path, artifact_dir: Path, version: str
) -> None:
    served = ServedVersion(artifact_dir)
    await served.poll()
    database = DatabaseReader(URL.create("sqlite", database=str(tmp_path / "x.sqlite")), 10)
    users = CountingUsers(database)
    recommender = Recommender(
        users,
        LiveCatalogue(served, database, EVENT_WEIGHTS),
        LiveTrend(served, database),
        LocalCache(60),
        anyio.CapacityLimiter(1),
        exclude_events=(),
        rules=Rules(),
        filter_sets=FilterSets(),
        new_item_share=0,
        undescribed_item_users=2,
    )
    request = BatchRequest(user_ids=USERS, top_n=10)
    pieces = await recommender.recommend_many(request)
    assert users.count_read == 0
    await anext(pieces)
    await pieces.aclose()  # as the server does once a client has closed its connection
    assert 0 < users.count_read < len(USERS) / 5
    database.close()
