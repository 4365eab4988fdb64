"""What the API is and how it is."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Component(BaseModel):
    status: Literal["healthy", "degraded", "unhealthy"]
    detail: str


class Components(BaseModel):
    database: Component
    cache: Component
    model: Component


class TrainingProgress(BaseModel):
    """How far it is to the first training."""

    interactions: int = Field(description="How many there are, counted up to `train_after`.")
    train_after: int = Field(description="With so many a waiting trainer begins by itself.")


class HealthResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "degraded",
                    "model_loaded": False,
                    "model_version": "untrained",
                    "num_users": 0,
                    "num_items": 0,
                    "first_training": {"interactions": 0, "train_after": 1000},
                    "components": {
                        "database": {"status": "healthy", "detail": "answers"},
                        "cache": {
                            "status": "unhealthy",
                            "detail": "does not answer: every list is computed",
                        },
                        "model": {
                            "status": "healthy",
                            "detail": "no model is trained yet: lists are popular ones; 0 of 1,000 "
                            "interactions until the first training",
                        },
                    },
                }
            ]
        }
    )

    status: Literal["healthy", "degraded", "unhealthy"] = Field(
        description="degraded: lists are answered, but a component is not healthy. "
        "unhealthy: nothing is known to make a list of."
    )
    model_loaded: bool = Field(description="Whether a training has made what is served.")
    model_version: str = Field(description="`untrained` until there is one.")
    num_users: int = Field(description="Users whom the model knows.")
    num_items: int = Field(description="Items that the model knows.")
    first_training: TrainingProgress | None = Field(
        description="null once a model is trained, and while the database has not answered yet."
    )
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
