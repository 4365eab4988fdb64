"""Rows that do not go in, each with its place in the request and the reason."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.api.field_errors import in_words
from services.api.schemas.rows import RejectedRow

M = TypeVar("M", bound=BaseModel)

MAX_ERRORS = 3  # of one row: a body of 1,000 rows with 20 wrong fields each would get 2 MB back


def validated(
    model: type[M], sent: Sequence[object], rejected: list[RejectedRow]
) -> Iterator[tuple[int, M]]:
    """Each good row with its index; the others are added to `rejected`."""
    for index, row in enumerate(sent):
        try:
            yield index, model.model_validate(row)
        except ValidationError as error:
            rejected.append(RejectedRow(index=index, reason=_reason(error)))


def _reason(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    return in_words([{**each, "loc": ("row", *each["loc"])} for each in found], MAX_ERRORS)


def rows_of_erased(
    rows: Iterable[tuple[int, Mapping[str, Any]]], erased: Collection[str]
) -> list[RejectedRow]:
    """Those of the rows, each with its index, that belong to users who were erased."""
    return [
        RejectedRow(
            index=index,
            reason=f"user '{row['user_id']}' was erased, nothing of them is taken in any more",
        )
        for index, row in rows
        if row["user_id"] in erased
    ]
