"""Routes that say which key opens them, and refuse query parameters that nobody reads."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from services.api.access.kinds import Kind, kind_of
from services.api.http.access_control import caller_of
from services.api.http.security_schemes import security_of

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Answers 403 to callers whose key does not open it, and 422 to a query parameter that is not
    documented. TypeError where it does not state its kind of key.

    Dependencies would cost every request 30 µs each.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        extra = security_of(endpoint) | (options.get("openapi_extra") or {})
        super().__init__(path, endpoint, **(options | {"openapi_extra": extra}))

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        known = frozenset(self._parameters())
        kind = kind_of(self.endpoint)

        async def handle_known(request: Request) -> Response:
            if kind > Kind.NONE:
                caller_of(request).require(kind)
            if request.scope["query_string"]:
                _refuse_unknown(request, known)
            return await handle(request)

        return handle_known

    def _parameters(self) -> Iterator[str]:
        for parameter in self.dependant.query_params:
            model = parameter.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                yield from model.model_fields
            else:
                yield parameter.alias


def open_paths(app: FastAPI) -> frozenset[str]:
    """The paths of routes that ask for no key."""
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    return frozenset(
        route.path
        for route in routes
        if isinstance(route, StrictRoute) and kind_of(route.endpoint) is Kind.NONE
    )


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    errors = [
        {"type": "extra_forbidden", "loc": ("query", name), "input": value}
        for name, value in request.query_params.items()
        if name not in known
    ]
    if errors:
        raise RequestValidationError(errors)
