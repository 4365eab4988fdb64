"""What users do, as others tell it."""

from fastapi import APIRouter, Request

from services.api.access.kinds import Kind, opened_by
from services.api.http.access_control import caller_of
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.schemas.interactions import InteractionsRequest, InteractionsResponse
from services.api.state import StateDep

router = APIRouter(tags=["interactions"], route_class=StrictRoute)


@router.post("/interactions", responses=problems(422, 503))
@opened_by(Kind.READ)
async def ingest(
    request: InteractionsRequest, state: StateDep, http: Request
) -> InteractionsResponse:
    """Store up to 1,000 interactions; what is accepted is committed, and the next list knows it.

    A bad row is rejected with the reason and the rest is stored. Users and items that are new are
    registered. After a 503 send the same again: each `event_id` is kept once. With a key of
    READ_API_KEY all are of one user, whose signature comes with it, and have no `event_id`.
    """
    await state.signed_users.require_rows(caller_of(http), request.interactions)
    return await state.ingestion.ingest(request)
