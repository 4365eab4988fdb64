"""Errors as RFC 9457 problem details: what is wrong, which value, what would do."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from services.api.field_errors import WrongField, in_words
from services.api.problems import Problem

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20  # of one body: a 3 MB body of unknown fields would get a 50 MB answer


def handle_problems(app: FastAPI) -> None:
    """Answer every error of `app` with problem details, but for defects, which no handler is to
    hide from the server's log: a middleware answers with `answer_defect`."""
    app.exception_handler(Problem)(_answer_problem)
    app.exception_handler(RequestValidationError)(_answer_invalid_request)
    app.exception_handler(HTTPException)(_answer_http_error)


async def _answer_problem(request: Request, problem: Problem) -> Response:
    return response_of(problem)


def response_of(problem: Problem) -> Response:
    return _response(problem.status, problem.kind, str(problem), headers=problem.headers())


async def _answer_invalid_request(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    return _response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        in_words(found, MAX_ERRORS),
        errors=[WrongField.of_error(each)._asdict() for each in found[:MAX_ERRORS]],
    )


async def _answer_http_error(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (allowed := _allowed_methods(request)):
        headers["Allow"] = ", ".join(allowed)
    detail = f"{request.method} {request.url.path}: {error.detail}. See /docs for what there is."
    return _response(status, status.phrase.lower().replace(" ", "-"), detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """The methods of the path in the OpenAPI document: Starlette names those of the first route
    that fits alone, and ids may hold `/`, so that those of shorter paths fit too.

    None where no route has the path, as below a mount: what is mounted there knows its own.
    """
    methods: dict[str, set[str]] = defaultdict(set)
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path_regex.match(request.scope["path"]):
            methods[str(route.path_format)] |= route.methods
    return sorted(methods[max(methods, key=_literal_length)]) if methods else []


def _literal_length(path: str) -> int:
    return len(re.sub("{.*?}", "", path))


async def answer_defect(request: Request, error: Exception) -> Response:
    detail = "A defect of the API; its log holds the details."
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail)


def _response(
    status: HTTPStatus,
    kind: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response:
    body = {
        "type": f"urn:sommelier:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status.value,
        "detail": detail,
        **members,
    }
    # ASCII: a lone surrogate in a wrong value has no UTF-8.
    return Response(json.dumps(body).encode(), status.value, dict(headers or {}), MEDIA_TYPE)
