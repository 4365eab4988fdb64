"""Lists and single predictions."""

import anyio
from fastapi import APIRouter, Response

from services.api import ratings
from services.api.openapi import problems
from services.api.schemas.predictions import PredictRequest, PredictResponse
from services.api.schemas.recommendations import RecommendRequest, RecommendResponse
from services.api.state import StateDep

router = APIRouter(tags=["recommendations"])


@router.post("/recommend", response_model=RecommendResponse, responses=problems(409, 422, 503))
async def recommend(request: RecommendRequest, state: StateDep) -> Response:
    """The best items for a user, whether anyone has seen the user before or not."""
    answer = await state.recommender.recommend(request)
    return Response(answer, media_type="application/json")


@router.post("/predict", responses=problems(422, 503))
async def predict(request: PredictRequest, state: StateDep) -> PredictResponse:
    """What the user would rate each item, from what is known of the two."""
    return await anyio.to_thread.run_sync(
        ratings.predict, state.served.require(), request, limiter=state.scoring
    )
