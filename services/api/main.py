"""The inference API: `uvicorn services.api.main:create_app --factory --port 8000`."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware

from services.api.http.access_control import AccessControl
from services.api.http.body_limit import BodyLimit
from services.api.http.cors import add_cors
from services.api.http.docs import add_docs
from services.api.http.openapi import DescribedApi
from services.api.http.problem_details import answer_defect, handle_problems
from services.api.http.secure_headers import SecureHeaders
from services.api.http.strict_route import open_paths
from services.api.routes import erasure, health, interactions, items, recommendations, users
from services.api.settings import ApiSettings
from services.api.state import State, open_state
from shared.settings import ConfigurationError


def create_app(settings: ApiSettings | None = None) -> FastAPI:
    """The application; without `settings` those of this process's environment."""
    settings = settings or _settings_of_process()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, State]]:
        async with open_state(settings) as state:
            yield {"parts": state}

    app = DescribedApi(
        title="Sommelier",
        version=health.VERSION,
        lifespan=lifespan,
        openapi_url=None,  # FastAPI's own asks for no key,
        docs_url=None,  # and its pages load from a CDN
        redoc_url=None,
    )
    app.filter_names = [*settings.filters.by_name]
    handle_problems(app)
    # Those that are asked most come first: each route before costs a request 5 µs.
    for part in (recommendations, interactions, items, erasure, users, health):
        app.include_router(part.router)
    add_docs(app)
    _add_middleware(app, settings)
    return app


def _add_middleware(app: FastAPI, settings: ApiSettings) -> None:
    """From the inside out: whatever answers, its answer passes what was added after it."""
    app.add_middleware(BodyLimit)
    app.add_middleware(AccessControl, open_paths=open_paths(app))
    # Starlette has one around all others, whose answer to a defect no page could read.
    app.add_middleware(ServerErrorMiddleware, handler=answer_defect)
    add_cors(app, settings.origins())
    app.add_middleware(SecureHeaders)


def _settings_of_process() -> ApiSettings:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(message)s")
    try:
        return ApiSettings.load()
    except ConfigurationError as error:
        sys.exit(str(error))
