"""`/docs` without a network: its scripts come with the package fastapi_offline, not from a CDN."""

import base64
import hashlib
import re

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from services.api.access.kinds import Kind, opened_by
from services.api.http.access_control import caller_of
from services.api.http.secure_headers import CONTENT_POLICY
from services.api.http.strict_route import StrictRoute

STATIC = "/docs-static"
DOCUMENT = "/openapi.json"

router = APIRouter(route_class=StrictRoute, include_in_schema=False)


class DocsFiles(StaticFiles):
    """The scripts of the page, for those who may see it."""

    def __init__(self) -> None:
        super().__init__(packages=[("fastapi_offline", "static")])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller_of(Request(scope)).require(Kind.WRITE)
        await super().__call__(scope, receive, send)


@router.get("/docs")
@opened_by(Kind.WRITE)
async def docs(request: Request) -> HTMLResponse:
    page = get_swagger_ui_html(
        openapi_url=DOCUMENT,
        title=request.app.title,
        swagger_js_url=f"{STATIC}/swagger-ui-bundle.js",
        swagger_css_url=f"{STATIC}/swagger-ui.css",
        swagger_favicon_url=f"{STATIC}/favicon.png",
    )
    page.headers[CONTENT_POLICY] = _policy(bytes(page.body).decode())
    return page


@router.api_route(DOCUMENT, methods=["GET", "HEAD"])
@opened_by(Kind.WRITE)
async def document(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


def add_docs(app: FastAPI) -> None:
    """Serve Swagger UI for the OpenAPI document."""
    app.mount(STATIC, DocsFiles(), name="docs-static")
    app.include_router(router)


def _policy(page: str) -> str:
    """What the page may load: its own files, the script that stands in it, and its styles."""
    scripts = " ".join(_hash(script) for script in re.findall(r"(?s)<script>(.*?)</script>", page))
    return (
        f"default-src 'none'; connect-src 'self'; script-src 'self' {scripts}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
