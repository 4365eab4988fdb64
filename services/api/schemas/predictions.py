"""Single predictions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.api.schemas.base import EXAMPLE_VERSION, ItemId, Request, UserId

PredictionSource = Literal["model", "alike", "item", "user", "mean", "none"]


class PredictRequest(Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"user_id": "U10001", "item_ids": ["TECH1005", "no such item"]}]
        }
    )

    user_id: UserId
    item_ids: list[ItemId] = Field(min_length=1, max_length=1000)


class Prediction(BaseModel):
    item_id: str
    predicted_rating: float | None = Field(description="Null where the model has no ratings.")
    uncertainty: float | None = Field(
        None,
        description="Standard deviation of the rating that the user would give, in stars or "
        "whatever unit; null where the model does not tell, or the item is unknown.",
    )
    source: PredictionSource = Field(
        description="What is known: `model` both sides; `alike` an item that no training has seen, "
        "by those it is like; `item` or `user` one side's bias alone, `mean` neither, `none` no "
        "rating model."
    )


class PredictResponse(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "U10001",
                    "predictions": [
                        {
                            "item_id": "TECH1005",
                            "predicted_rating": 4.8756,
                            "uncertainty": 0.5121,
                            "source": "model",
                        },
                        {
                            "item_id": "TECH1009",
                            "predicted_rating": 4.1032,
                            "uncertainty": 0.6313,
                            "source": "model",
                        },
                    ],
                    "model_version": EXAMPLE_VERSION,
                }
            ]
        }
    )

    user_id: str
    predictions: list[Prediction] = Field(description="One for each asked, in the order asked.")
    model_version: str
