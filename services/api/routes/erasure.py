"""What a person may ask for: all that is held of them, and that it is erased."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from services.api.access.kinds import Kind, opened_by
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.routes.ids import UserIdInPath
from services.api.schemas.erasure import ErasureResponse, ExportResponse
from services.api.state import StateDep

router = APIRouter(tags=["users"], route_class=StrictRoute)


@router.delete("/users/{user_id:id}", responses=problems(404, 422, 503))
@opened_by(Kind.ADMIN)
async def erase(user_id: UserIdInPath, state: StateDep) -> ErasureResponse:
    """Erase a user: rows, cached lists, and their part of every version on the volume.

    The id, all that follows `/users/`, is refused from then on. Asking again finishes what could
    not be reached before.
    """
    return await state.eraser.erase(user_id)


@router.get(
    "/users/{user_id:id}/export",
    response_model=ExportResponse,
    responses=problems(404, 422, 503),
)
@opened_by(Kind.ADMIN)
async def export(user_id: UserIdInPath, state: StateDep) -> StreamingResponse:
    """All that is held of a user, in the database and in every version on the volume."""
    pieces = await state.exporter.export(user_id)
    return StreamingResponse(pieces, media_type="application/json")
