"""Lists and single predictions."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from services.api.access.kinds import Kind, opened_by
from services.api.http.access_control import caller_of
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.schemas.predictions import PredictRequest, PredictResponse
from services.api.schemas.recommendations import (
    BatchRequest,
    BatchResponse,
    RecommendRequest,
    RecommendResponse,
    SessionRequest,
)
from services.api.state import StateDep

router = APIRouter(tags=["recommendations"], route_class=StrictRoute)


@router.post("/recommend", response_model=RecommendResponse, responses=problems(409, 410, 422, 503))
@opened_by(Kind.READ)
async def recommend(request: RecommendRequest, state: StateDep, http: Request) -> Response:
    """The best items for a user, whether anyone has seen the user before or not."""
    await state.signed_users.require_list(caller_of(http), request.user_id, explain=request.explain)
    answer = await state.recommender.recommend(request)
    return Response(answer, media_type="application/json")


@router.post("/recommend/batch", response_model=BatchResponse, responses=problems(409, 422, 503))
@opened_by(Kind.WRITE)
async def recommend_batch(request: BatchRequest, state: StateDep) -> StreamingResponse:
    """The same list for up to 1,000 users, sent as it is computed.

    422 where it costs more than one request may: fewer users, shorter lists or no reasons.
    """
    pieces = await state.recommender.recommend_many(request)
    return StreamingResponse(pieces, media_type="application/json")


@router.post(
    "/recommend/session", response_model=RecommendResponse, responses=problems(409, 422, 503)
)
@opened_by(Kind.READ)
async def recommend_session(request: SessionRequest, state: StateDep) -> Response:
    """What goes with the items that somebody is looking at; nothing else is known of them."""
    answer = await state.recommender.recommend_session(request)
    return Response(answer, media_type="application/json")


@router.post("/predict", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def predict(request: PredictRequest, state: StateDep) -> PredictResponse:
    """What the user would rate each item, from what is known of the two."""
    return await state.recommender.predict(request)
