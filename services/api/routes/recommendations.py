"""Lists and single predictions."""

from fastapi import APIRouter, Response

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
async def recommend(request: RecommendRequest, state: StateDep) -> Response:
    """The best items for a user, whether anyone has seen the user before or not."""
    answer = await state.recommender.recommend(request)
    return Response(answer, media_type="application/json")


@router.post("/recommend/batch", responses=problems(409, 422, 503))
async def recommend_batch(request: BatchRequest, state: StateDep) -> BatchResponse:
    """The same list for up to 1,000 users."""
    return await state.recommender.recommend_many(request)


@router.post("/recommend/session", responses=problems(409, 422, 503))
async def recommend_session(request: SessionRequest, state: StateDep) -> RecommendResponse:
    """What goes with the items that somebody is looking at; nothing else is known of them."""
    return await state.recommender.recommend_session(request)


@router.post("/predict", responses=problems(422, 503))
async def predict(request: PredictRequest, state: StateDep) -> PredictResponse:
    """What the user would rate each item, from what is known of the two."""
    return await state.recommender.predict(request)
