"""Users, as far as they are known."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Path, Query
from starlette.convertors import Convertor, register_url_convertor

from services.api.openapi import problems
from services.api.schemas.users import SegmentsResponse, UserResponse, UsersResponse
from services.api.state import StateDep
from services.api.users import describe_user, list_segments, list_users
from shared.tables import ID_LENGTH


class IdConvertor(Convertor[str]):
    """Any text: Starlette's own `path` drops a line end at the end and refuses others."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("id", IdConvertor())

router = APIRouter(tags=["users"])

Limit = Annotated[int, Query(ge=1, le=1000, examples=[100])]
Offset = Annotated[int, Query(ge=0, examples=[0])]
UserIdInPath = Annotated[
    str,
    Path(
        min_length=1,
        max_length=ID_LENGTH,
        description="May hold `/`; what is special in URLs is percent-encoded.",
        examples=["U10001"],
    ),
]


@router.get("/users", responses=problems(422, 503))
async def users(state: StateDep, limit: Limit = 100, offset: Offset = 0) -> UsersResponse:
    """A page of the users whom the model knows."""
    version = state.served.require()
    return await anyio.to_thread.run_sync(list_users, version, limit, offset, limiter=state.scoring)


@router.get("/segments", responses=problems(503))
async def segments(state: StateDep) -> SegmentsResponse:
    """The groups of users that the trainer found by itself, largest first."""
    return list_segments(state.served.require())


@router.get("/users/{user_id:id}", responses=problems(404, 422, 503))
async def user(user_id: UserIdInPath, state: StateDep) -> UserResponse:
    """What the model and the database know of a user."""
    return await describe_user(state.served.version, state.database, user_id)
