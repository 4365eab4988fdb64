"""Errors as RFC 9457 problem details."""

from pydantic import BaseModel, Field


class FieldError(BaseModel):
    field: str
    reason: str
    value: str


class ProblemDetails(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = Field(None, description="One for each wrong field.")
