"""What an evaluation says of models: what `--json` writes."""

from typing import Generic, TypeVar

from pydantic import Field

from shared.artifacts.metrics import (
    PLACES,
    Difference,
    Ends,
    Figures,
    ListAccuracy,
    Measured,
    RatingErrors,
)


class RatingSlices(Figures):
    """Users by what they did in training; slices.py."""

    cold: RatingErrors
    warm: RatingErrors
    less_active: RatingErrors
    more_active: RatingErrors


class ComparedRatings(RatingErrors):
    """The errors of a model, and by how much its RMSE is above that of the best one (null)."""

    interval: Ends
    to_best: Difference | None
    slices: RatingSlices


class BeyondAccuracy(Figures):
    """What the lists show of a catalogue, whoever wanted it; beyond_accuracy.py."""

    coverage: float = Field(alias=f"coverage@{PLACES}")
    gini: float = Field(alias=f"gini@{PLACES}")
    novelty: float = Field(alias=f"novelty@{PLACES}")
    diversity: Measured = Field(None, alias=f"diversity@{PLACES}")


class ItemRecall(Figures):
    """How many of the relevant items of a slice the lists of so many users found."""

    users: int
    recall: Measured = Field(None, alias=f"recall@{PLACES}")


class ListSlices(Figures):
    """Users by what they did in training, items by their popularity; slices.py."""

    cold: ListAccuracy
    warm: ListAccuracy
    less_active: ListAccuracy
    more_active: ListAccuracy
    head: ItemRecall
    tail: ItemRecall


class ComparedLists(ListAccuracy):
    """The lists of a model, and by how much their NDCG is above that of the best ones (null).

    `intervals` are of NDCG at each k.
    """

    intervals: dict[str, Ends]
    to_best: Difference | None
    shown: BeyondAccuracy
    slices: ListSlices


T = TypeVar("T")


class Compared(Figures, Generic[T]):
    """The models by name, and which is the best; null and none where nothing could be measured."""

    best: str | None
    models: dict[str, T]


class Comparison(Figures):
    """Models side by side; a figure is the mean over folds, counts are added up."""

    protocol: str
    ks: list[int]
    train_interactions: list[int]
    test_interactions: list[int]
    ratings: Compared[ComparedRatings]
    lists: Compared[ComparedLists]
    seconds: dict[str, float]
