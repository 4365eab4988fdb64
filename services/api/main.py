"""The inference API: `uvicorn services.api.main:create_app --factory --port 8000`."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.api.http.body_limit import BodyLimit
from services.api.http.docs import add_docs
from services.api.http.openapi import DescribedApi
from services.api.http.problem_details import handle_problems
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
        docs_url=None,  # FastAPI's own pages load from a CDN
        redoc_url=None,
    )
    app.filter_names = [*settings.filters.by_name]
    add_docs(app)
    app.add_middleware(BodyLimit)
    handle_problems(app)
    # Those that are asked most come first: each route before costs a request 5 µs.
    for part in (recommendations, interactions, items, erasure, users, health):
        app.include_router(part.router)
    return app


def _settings_of_process() -> ApiSettings:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(message)s")
    try:
        return ApiSettings.load()
    except ConfigurationError as error:
        sys.exit(str(error))
