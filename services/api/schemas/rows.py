"""Requests of many rows, each validated by itself: a bad one does not keep the others out."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, SkipValidation

MAX_ROWS = 1000  # of one request: 20 ms of work

R = TypeVar("R", bound=BaseModel)

# In the OpenAPI document an element may be anything: the request is accepted whatever its rows are.
Rows = Annotated[
    list[SkipValidation[R | Any]],
    Field(
        min_length=1,
        max_length=MAX_ROWS,
        description="What is not as the first schema has it is answered under `rejected`, with "
        "its place and the reason; the rest is stored.",
    ),
]


class RejectedRow(BaseModel):
    index: int = Field(description="Which of the rows that were sent, from 0.")
    reason: str
