"""What the API is and how it is."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION


class Component(BaseModel):
    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str


class Components(BaseModel):
    database: Component
    cache: Component
    model: Component


class HealthResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "degraded",
                    "model_loaded": True,
                    "model_version": EXAMPLE_VERSION,
                    "num_users": 1000,
                    "num_items": 600,
                    "components": {
                        "database": {"status": "healthy", "detail": "answers"},
                        "cache": {
                            "status": "unhealthy",
                            "detail": "does not answer: every list is computed",
                        },
                        "model": {"status": "healthy", "detail": f"serves {EXAMPLE_VERSION}"},
                    },
                }
            ]
        }
    )

    status: Literal["healthy", "degraded", "unhealthy"] = Field(
        description="degraded: lists are answered, but a component is not healthy. "
        "unhealthy: there is no model to answer with."
    )
    model_loaded: bool
    model_version: str | None
    num_users: int
    num_items: int
    components: Components


class LiveResponse(BaseModel):
    status: Literal["alive"] = "alive"


class ReadyResponse(BaseModel):
    status: Literal["ready"] = "ready"
    model_version: str


class AboutResponse(BaseModel):
    name: str
    version: str
    links: dict[str, str]
