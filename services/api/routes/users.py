"""Users, as far as they are known."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Query

from services.api.access.kinds import Kind, opened_by
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.recommend.user_summary import list_segments, list_users
from services.api.routes.ids import ItemIdInPath, UserIdInPath
from services.api.schemas.base import DECIMAL
from services.api.schemas.catalogue import DescribedResponse, UsersRequest
from services.api.schemas.recommendations import WhyNotQuery, WhyNotResponse
from services.api.schemas.users import SegmentsResponse, UserResponse, UsersResponse
from services.api.state import StateDep

router = APIRouter(tags=["users"], route_class=StrictRoute)

MAX_OFFSET = 2**31 - 1  # more users than a version can hold; numpy ends at 2**63

Limit = Annotated[int, Query(ge=1, le=1000, examples=[100]), DECIMAL]
Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET, examples=[0]), DECIMAL]


@router.get("/users", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def users(state: StateDep, limit: Limit = 100, offset: Offset = 0) -> UsersResponse:
    """A page of the users whom the model knows."""
    version = state.served.require()
    return await anyio.to_thread.run_sync(list_users, version, limit, offset, limiter=state.scoring)


@router.post("/users", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def describe(request: UsersRequest, state: StateDep) -> DescribedResponse:
    """Register up to 1,000 users, or replace what is known of them."""
    return await state.descriptions.write_users(request)


@router.get("/segments", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def segments(state: StateDep) -> SegmentsResponse:
    """The groups of users that the trainer found by itself, largest first."""
    return list_segments(state.served.require())


@router.get("/users/{user_id:id}/why-not/{item_id:id}", responses=problems(404, 409, 410, 422, 503))
@opened_by(Kind.WRITE)
async def why_not(
    user_id: UserIdInPath,
    item_id: ItemIdInPath,
    state: StateDep,
    query: Annotated[WhyNotQuery, Query()],
) -> WhyNotResponse:
    """Which stage keeps an item from the user's list, or its rank."""
    return await state.recommender.why_not(user_id, item_id, query)


@router.get("/users/{user_id:id}", responses=problems(404, 422, 503))
@opened_by(Kind.WRITE)
async def user(user_id: UserIdInPath, state: StateDep) -> UserResponse:
    """What the model and the database know of a user."""
    return await state.recommender.describe(user_id)
