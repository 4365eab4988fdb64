"""Pages of stated origins may ask and read the answers, errors too; others' browsers refuse."""

from collections.abc import Collection

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from services.api.access import admission, user_signatures

ASKED = ("Content-Type", admission.HEADER, user_signatures.HEADER)
READ = ("RateLimit", "RateLimit-Policy", "Retry-After")
SECONDS = 7200  # for which a browser need not ask again; Chrome takes no more


def add_cors(app: FastAPI, origins: Collection[str]) -> None:
    """Nothing where no origin is stated."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=ASKED,
            expose_headers=READ,
            max_age=SECONDS,
        )
