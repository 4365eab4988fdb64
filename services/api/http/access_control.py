"""Who asks is found out before anything else is done: a pure ASGI middleware."""

from collections.abc import Collection
from typing import cast

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.access.admission import HEADER as KEY_HEADER
from services.api.access.admission import Arrival
from services.api.access.callers import EVERYONE, Caller
from services.api.access.user_signatures import HEADER as SIGNATURE_HEADER
from services.api.http.problem_details import response_of
from services.api.problems import Problem
from services.api.state import State

CALLER = "caller"  # where the scope of a request has it
KEY, SIGNATURE = KEY_HEADER.lower().encode(), SIGNATURE_HEADER.lower().encode()


class AccessControl:
    """Puts the Caller into the scope, or answers with the problem; `open_paths` alone ask for no
    key. What no route knows asks for one too."""

    def __init__(self, app: ASGIApp, open_paths: Collection[str]) -> None:
        self._app = app
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            await self._app(scope, receive, send)
            return
        admission = cast(State, scope["state"]["parts"]).admission
        if admission.is_open:
            scope[CALLER] = EVERYONE
            await self._app(scope, receive, send)
            return
        try:
            caller = await admission.admit(_arrival(scope))
        except Problem as problem:
            await response_of(problem)(scope, receive, send)
            return
        scope[CALLER] = caller
        await self._app(scope, receive, send if caller.usage is None else _telling(caller, send))


def caller_of(request: HTTPConnection) -> Caller:
    """Who asks. Where nothing found that out it is an error, and never everyone."""
    return cast(Caller, request.scope[CALLER])


def _arrival(scope: Scope) -> Arrival:
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in (KEY, SIGNATURE, b"origin"):
            found[name] = value
    origin, signature = found.get(b"origin"), found.get(SIGNATURE)
    return Arrival(
        address=scope["client"][0] if scope["client"] else "",
        key=found.get(KEY),
        origin=None if origin is None else origin.decode("latin-1"),
        signature=None if signature is None else signature.decode("latin-1"),
    )


def _telling(caller: Caller, send: Send) -> Send:
    """Adds to the answer what is left of the caller's rate."""
    assert caller.usage is not None
    headers = [
        (name.lower().encode(), value.encode()) for name, value in caller.usage.headers().items()
    ]

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return tell
