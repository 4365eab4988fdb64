"""Items."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from services.api.access.kinds import Kind, opened_by
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.routes.ids import ItemIdInPath
from services.api.schemas.base import DECIMAL
from services.api.schemas.catalogue import DescribedResponse, ItemsRequest
from services.api.schemas.items import SimilarResponse
from services.api.schemas.undescribed import UndescribedResponse
from services.api.state import StateDep
from shared.database.tables import ID_LENGTH

Limit = Annotated[int, Query(ge=1, le=1000, examples=[100]), DECIMAL]
After = Annotated[
    str,
    Query(
        max_length=ID_LENGTH,
        description="`next_cursor` of the page before, or any id to begin after.",
        examples=["TECH1005"],
    ),
]
OnlyTrue = Annotated[Literal["true"], Query(examples=["true"])]

router = APIRouter(tags=["items"], route_class=StrictRoute)


@router.post("/items", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def describe(request: ItemsRequest, state: StateDep) -> DescribedResponse:
    """Register up to 1,000 items, or replace what is known of them."""
    return await state.descriptions.write_items(request)


@router.get("/items", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def undescribed(
    state: StateDep, undescribed: OnlyTrue, limit: Limit = 100, cursor: After = ""
) -> UndescribedResponse:
    """A page of the items that nobody described, such as mistyped ids, and who used them."""
    return await state.undescribed.page(limit, cursor)


@router.get("/items/{item_id:id}/similar", responses=problems(404, 422, 503))
@opened_by(Kind.READ)
async def similar(
    item_id: ItemIdInPath,
    state: StateDep,
    top_n: Annotated[int, Query(ge=1, le=100, examples=[10]), DECIMAL] = 10,
) -> SimilarResponse:
    """The items most like one, by what the ranker learned of them."""
    return await state.recommender.similar(item_id, top_n)
