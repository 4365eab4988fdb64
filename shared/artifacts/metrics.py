"""metrics.json, which manifest.json holds as well: how good each model was on held-out data.

Figures that could not be measured are absent.
"""

import re
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

PLACES = 10  # of a list: what decides between rankers, and what slices of users are measured at
RMSE = "rmse"
NDCG = f"ndcg@{PLACES}"
DECIDING = {"rating": RMSE, "ranker": NDCG}
"""The metric that decides between the models of a role."""

_AT_PLACES = re.compile(r"(\w+)@(\d+)")


def _is_none(value: object) -> bool:
    return value is None


Measured = Annotated[float | None, Field(exclude_if=_is_none)]
Ends = tuple[float, float]
"""Where a figure lies in 95 % of the draws of users."""
Difference = tuple[float, float, float]
"""A difference and its Ends."""


class Figures(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )

    def as_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return self.model_dump(mode="json")


class RatingErrors(Figures):
    """The errors of so many predicted ratings, clipped to the scale."""

    ratings: int
    rmse: Measured = None
    mse: Measured = None
    mae: Measured = None


class Accuracy(Figures):
    """How good lists of some length are, mean over users; services/trainer/metrics/ranking.py."""

    ndcg: float
    recall: float
    precision: float
    hit_rate: float
    mrr: float


class ListAccuracy(Figures):
    """How good the lists of so many users are, by how many of their places count: `ndcg@10` in the
    file is `at[10].ndcg` here."""

    users: int
    at: dict[int, Accuracy] = {}

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, figures: object) -> object:
        if not isinstance(figures, dict) or "at" in figures:
            return figures
        nested: dict[str, Any] = {}
        by_places: dict[int, dict[str, Any]] = {}
        for name, value in figures.items():
            if found := _AT_PLACES.fullmatch(name):
                by_places.setdefault(int(found[2]), {})[found[1]] = value
            else:
                nested[name] = value
        return nested | {"at": by_places}

    @model_serializer(mode="wrap")
    def _flat(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        flat: dict[str, Any] = {}
        for name, value in serialize(self).items():
            if name == "at":
                flat |= {f"{m}@{k}": v for k, at_k in value.items() for m, v in at_k.items()}
            else:
                flat[name] = value
        return flat


class ModelRatings(RatingErrors):
    """The errors of a model, and where its RMSE lies."""

    interval: Ends


class ModelLists(ListAccuracy):
    """The lists of a model, and where their NDCG lies."""

    interval: Ends


class NoiseFloor(RatingErrors):
    """The errors of whoever knows what was planted in generated data, and the mean variance of the
    planted noise."""

    expected_mse: float


class SplitRatings(Figures):
    """Every rating model."""

    models: dict[str, ModelRatings]
    noise_floor: NoiseFloor | None


class SplitLists(Figures):
    """Every model's lists, and those of whoever knows what was planted in generated data."""

    models: dict[str, ModelLists]
    planted: ListAccuracy | None


class SplitMetrics(Figures):
    """What was held out of how much, and how good each model was on it."""

    protocol: str
    train_interactions: int
    test_interactions: int
    ratings: SplitRatings
    lists: SplitLists


class RoleChoice(Figures):
    """The model of a role: the best by `metric`, and by how much.

    `difference` is how much worse the `runner_up` was. Both are null where there was one model
    alone, all figures where too little could be held out. `settings` are those that were left to
    auto.
    """

    model: str
    metric: str
    figure: float | None
    runner_up: str | None
    difference: float | None
    settings: dict[str, Any]


class Choice(Figures):
    """Which model serves for what, and which ones were left out, by name with the reason."""

    rating: RoleChoice | None
    ranker: RoleChoice
    left_out: dict[str, str]


class Metrics(Figures):
    """metrics.json. Versions of older releases lack the choice."""

    last_of_each_user: SplitMetrics
    choice: Choice | None = None
