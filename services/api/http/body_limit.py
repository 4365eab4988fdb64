"""How large a request may be."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BYTES = 4 * 2**20  # 1,000 ids of 64 characters, each escaped in JSON, take under 1 MiB


class BodyLimit:
    """Stops reading a body beyond MAX_BYTES, whatever length it claims.

    FastAPI's own limit answers in plain text, ours with problem details.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BYTES:
                raise HTTPException(413, f"the body is larger than {MAX_BYTES:,} bytes, send less")
            return message

        await self._app(scope, receive_within_limit, send)
