"""Errors as RFC 9457 problem details: what is wrong, which value, what would do."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared.errors import SommelierError

MEDIA_TYPE = "application/problem+json"
SHOWN_CHARACTERS = 80  # of a wrong value: enough to recognise it


class Problem(SommelierError):
    """Base of the errors that a request can be answered with; the text becomes `detail`."""

    status: ClassVar[HTTPStatus]
    kind: ClassVar[str]
    """Ends the problem's `type`, by which a program tells problems apart."""
    retry_after: ClassVar[int | None] = None
    """Seconds after which the same request may be answered."""

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class NotReady(Problem):
    """There is no model to answer with."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    kind = "not-ready"
    retry_after = 5


class DatabaseAway(Problem):
    """Only the database knows the answer, and it does not answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    kind = "database-away"
    retry_after = 5


class WrongKey(Problem):
    """A request without the key that it needs."""

    status = HTTPStatus.UNAUTHORIZED
    kind = "wrong-key"

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'ApiKey realm="X-API-Key"'}


class UnknownUser(Problem):
    """A user of whom neither the model nor the database has heard."""

    status = HTTPStatus.NOT_FOUND
    kind = "unknown-user"


class UnknownItem(Problem):
    """An item of which neither the model nor the database has heard."""

    status = HTTPStatus.NOT_FOUND
    kind = "unknown-item"

    @classmethod
    def of(cls, item_id: str) -> "UnknownItem":
        return cls(f"There is no item '{item_id}'. Ids are compared byte by byte.")


class TooCostly(Problem):
    """One request that asks for more than one request may."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    kind = "too-costly"


class CursorLost(Problem):
    """A page after one that nobody remembers."""

    status = HTTPStatus.GONE
    kind = "cursor-lost"


class NoRatingModel(Problem):
    """An order by rating from a version without ratings."""

    status = HTTPStatus.CONFLICT
    kind = "no-rating-model"


MAX_ERRORS = 20  # told of one body: a 3 MB body of unknown fields would get a 50 MB answer


def handle_problems(app: FastAPI) -> None:
    """Answer every error of `app` with problem details."""
    app.exception_handler(Problem)(_answer_problem)
    app.exception_handler(RequestValidationError)(_answer_invalid_request)
    app.exception_handler(HTTPException)(_answer_http_error)
    app.exception_handler(Exception)(_answer_defect)


async def _answer_problem(request: Request, problem: Problem) -> Response:
    return _response(problem.status, problem.kind, str(problem), headers=problem.headers())


async def _answer_invalid_request(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    errors = [_describe(one) for one in found[:MAX_ERRORS]]
    told = [_sentence(one) for one in errors]
    if len(found) > MAX_ERRORS:
        told.append(f"and {len(found) - MAX_ERRORS:,} more")
    detail = "; ".join(told)
    return _response(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=errors)


async def _answer_http_error(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    detail = f"{request.method} {request.url.path}: {error.detail}. See /docs for what there is."
    return _response(status, status.phrase.lower().replace(" ", "-"), detail, headers=error.headers)


async def _answer_defect(request: Request, error: Exception) -> Response:
    detail = "A defect of the API; its log holds the details."
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail)


def in_words(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors of a body, with field, reason and value."""
    return _sentence(_describe(error))


def wrong_field(field: str, reason: str, value: object) -> str:
    """The same for what pydantic does not check."""
    return _sentence({"field": field, "reason": reason, "value": _shown(value)})


def _sentence(one: Mapping[str, str]) -> str:
    text = f"{one['field']}: {one['reason']} (it is {one['value']})"
    return text.encode(errors="backslashreplace").decode()  # a lone surrogate has no UTF-8


def _describe(error: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors as field, reason and value, each as text."""
    location: Sequence[object] = error["loc"]
    if error["type"] == "json_invalid":
        where = f"character {location[-1]}"
        return {"field": "body", "reason": f"not JSON: {error['ctx']['error']}", "value": where}
    if isinstance(error.get("input"), bytes):
        where = error["input"].decode(errors="replace")
        return {"field": "body", "reason": _NOT_DECLARED, "value": _shown(where)}
    field = ".".join(str(part) for part in location[1:]) or str(location[0])
    reason = _REASONS.get(error["type"], error["msg"])
    return {"field": field, "reason": reason, "value": _shown(error.get("input"))}


_NOT_DECLARED = "send JSON, with the header Content-Type: application/json"

_REASONS = {  # where pydantic's words do not say what would do
    "extra_forbidden": "There is no such field; /docs shows those that there are",
    "missing": "This field is required",
    "model_type": "Input should be an object",
}


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _response(
    status: HTTPStatus,
    kind: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    body = {
        "type": f"urn:sommelier:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status.value,
        "detail": detail,
        **more,
    }
    # ASCII: a lone surrogate in a wrong value has no UTF-8.
    return Response(json.dumps(body).encode(), status.value, dict(headers or {}), MEDIA_TYPE)
