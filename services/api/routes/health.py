"""What the API is and how it is."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from services.api.access.kinds import Kind, opened_by
from services.api.http.health import examine
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.schemas.health import AboutResponse, HealthResponse, LiveResponse, ReadyResponse
from services.api.state import StateDep

VERSION = "0.1.0"

router = APIRouter(tags=["health"], route_class=StrictRoute)


@router.get("/", responses=problems(422))
@opened_by(Kind.WRITE)
async def about() -> AboutResponse:
    """What this is, and where to go from here."""
    links = {name: f"/{name}" for name in ("docs", "health", "recommend", "users", "segments")}
    return AboutResponse(name="Sommelier", version=VERSION, links=links)


@router.get("/health", responses={503: {"model": HealthResponse}, **problems(422)})
@opened_by(Kind.WRITE)
async def health(state: StateDep, response: Response) -> HealthResponse:
    """Every component's state; 503 where there is no model to answer with."""
    examined = examine(state)
    if examined.status == "unhealthy":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return examined


@router.get("/health/live", responses=problems(422))
@opened_by(Kind.NONE)
async def live() -> LiveResponse:
    """The process answers."""
    return LiveResponse()


@router.get("/health/ready", responses=problems(422, 503))
@opened_by(Kind.NONE)
async def ready(state: StateDep) -> ReadyResponse:
    """Lists can be answered; 503 with the reason until then."""
    return ReadyResponse(model_version=state.served.require().name)
