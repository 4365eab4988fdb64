"""Headers that tell browsers to do no more with an answer than read it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = "content-security-policy"

ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    # Fetches in CORS mode, as pages of stated origins make them, pass; pictures and scripts do not.
    (b"cross-origin-resource-policy", b"same-origin"),
]
NO_STORE = (b"cache-control", b"no-store")
NOTHING_LOADED = (CONTENT_POLICY.encode(), b"default-src 'none'; frame-ancestors 'none'")


class SecureHeaders:
    """Adds them to every answer. One that says itself how it is cached, or what it loads, is
    believed, and what has an ETag is a file of the documentation page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *ALWAYS]
                names = {name for name, _ in message["headers"]}
                if b"cache-control" not in names and b"etag" not in names:
                    headers.append(NO_STORE)
                if NOTHING_LOADED[0] not in names:
                    headers.append(NOTHING_LOADED)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, send_secured)
