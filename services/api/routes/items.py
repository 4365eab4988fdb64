"""Items: described, looked up, taken out of lists; and lists of them that are nobody's."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from services.api.access.kinds import Kind, opened_by
from services.api.http.openapi import problems
from services.api.http.strict_route import StrictRoute
from services.api.routes.ids import ItemIdInPath
from services.api.schemas.base import DECIMAL, OMISSIBLE
from services.api.schemas.catalogue import DescribedResponse, ItemsRequest
from services.api.schemas.filters.fields import FieldsText, FilterText, field_names
from services.api.schemas.filters.grammar import parse_text
from services.api.schemas.items import (
    DeactivatedResponse,
    ItemListQuery,
    ItemResponse,
    ItemsResponse,
    LatestResponse,
    PopularResponse,
    SimilarResponse,
)
from services.api.schemas.undescribed import UndescribedResponse
from services.api.state import StateDep
from shared.database.tables import ID_LENGTH

router = APIRouter(tags=["items"], route_class=StrictRoute)

TopN = Annotated[int, Query(ge=1, le=100, examples=[10]), DECIMAL]
Filter = Annotated[FilterText | None, OMISSIBLE, Query(examples=[None])]
Fields = Annotated[FieldsText | None, OMISSIBLE, Query(examples=["title,price"])]
Limit = Annotated[int, Query(ge=1, le=1000, examples=[100]), DECIMAL]
After = Annotated[
    str,
    Query(
        max_length=ID_LENGTH,
        description="`next_cursor` of the page before, or any id to begin after.",
        examples=["TECH1005"],
    ),
]
OnlyTrue = Annotated[Literal["true"] | None, OMISSIBLE, Query(examples=["true"])]


@router.post("/items", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def describe(request: ItemsRequest, state: StateDep) -> DescribedResponse:
    """Register up to 1,000 items, or replace what is known of them."""
    return await state.descriptions.write_items(request)


@router.get("/items", responses=problems(422, 503))
@opened_by(Kind.WRITE)
async def items(
    state: StateDep,
    limit: Limit = 100,
    cursor: After = "",
    undescribed: OnlyTrue = None,
) -> ItemsResponse | UndescribedResponse:
    """A page of all items, whether they are active or not; with `undescribed` of those that nobody
    described, such as mistyped ids, and who used them."""
    if undescribed:
        return await state.undescribed.page(limit, cursor)
    return await state.recommender.list_items(limit, cursor)


@router.get("/popular", response_model=PopularResponse, responses=problems(422, 503))
@opened_by(Kind.READ)
async def popular(state: StateDep, query: Annotated[ItemListQuery, Query()]) -> Response:
    """What most people want, at training and since, for whoever it may be."""
    answer = await state.recommender.popular(query)
    return Response(answer, media_type="application/json")


@router.get("/latest", response_model=LatestResponse, responses=problems(422, 503))
@opened_by(Kind.READ)
async def latest(state: StateDep, query: Annotated[ItemListQuery, Query()]) -> Response:
    """What came last of all that is described."""
    answer = await state.recommender.newest(query)
    return Response(answer, media_type="application/json")


@router.get(
    "/items/{item_id:id}/similar",
    response_model=SimilarResponse,
    responses=problems(404, 422, 503),
)
@opened_by(Kind.READ)
async def similar(
    item_id: ItemIdInPath,
    state: StateDep,
    top_n: TopN = 10,
    filter: Filter = None,
    fields: Fields = None,
) -> Response:
    """The items most like one, by what the ranker learned of them."""
    requested = None if filter is None else parse_text(filter)
    answer = await state.recommender.similar(item_id, top_n, requested, field_names(fields))
    return Response(answer, media_type="application/json")


@router.get("/items/{item_id:id}", responses=problems(404, 422, 503))
@opened_by(Kind.WRITE)
async def item(item_id: ItemIdInPath, state: StateDep) -> ItemResponse:
    """What the database and the model know of an item."""
    return await state.recommender.describe_item(item_id)


@router.delete("/items/{item_id:id}", responses=problems(404, 422, 503))
@opened_by(Kind.WRITE)
async def deactivate(item_id: ItemIdInPath, state: StateDep) -> DeactivatedResponse:
    """Take an item out of all lists; its row and what users did to it stay."""
    is_known = await state.recommender.knows(item_id)
    return await state.descriptions.deactivate_item(item_id, is_known=is_known)
