"""Query parameters that nobody reads are refused, as unknown fields of a body are."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Answers 422 to a query parameter that is not documented.

    A dependency would cost every request 30 µs; this costs those without a query nothing.
    """

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        known = frozenset(self._parameters())

        async def handle_known(request: Request) -> Response:
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


def _refuse_unknown(request: Request, known: frozenset[str]) -> None:
    errors = [
        {"type": "extra_forbidden", "loc": ("query", name), "input": value}
        for name, value in request.query_params.items()
        if name not in known
    ]
    if errors:
        raise RequestValidationError(errors)
