"""Settings of the trainer."""

import math
import os
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import NoDecode

from services.trainer.data.declared_features import AttributeNames
from shared.database.event_types import EVENT_WEIGHTS, require_event_types
from shared.scorers.histories import Weighting
from shared.settings import CommaList, Settings

Rank = Annotated[int, Field(gt=0, le=1024)]


class TrainerSettings(Settings):
    """What is trained, and how. What is None by default follows from the size of the data."""

    model: Literal["auto", "popularity", "bias", "als", "bayesian", "ials", "ease", "blend"] = (
        "auto"
    )
    """auto: the best rating model and the best ranker on held-out data; or one model by name."""

    event_weights: Annotated[dict[str, NonNegativeFloat], NoDecode] = EVENT_WEIGHTS
    """How much one event of each type says to the rankers (comma list of name:weight)."""

    user_features: CommaList = ()
    """Attributes of users to learn from (comma list); by default none, as they are personal."""

    item_features: CommaList = ("category",)
    """Attributes of items to learn from (comma list); category is their own column."""

    half_life_days: PositiveFloat | None = None
    """After so many days an event says half as much to the rankers; empty: events do not age."""

    recency: PositiveFloat | Literal["auto", "off"] = "auto"
    """How many newer items halve what an item says of its user; auto: chosen on held-out data."""

    popularity_half_life_days: PositiveFloat | Literal["auto", "off"] = "auto"
    """After so many days an event counts half in lists for strangers; auto: chosen on newcomers."""

    als_rank: Rank = 14
    """Factors per user and item; 10 to 32 differ by .001 RMSE on MovieLens, 14 fill 16 columns."""

    als_regularization: PositiveFloat = 4.5
    """Ridge penalty of each factor, for ratings in standard deviations; 7 suits noisier data."""

    als_regularization_per_rating: NonNegativeFloat = 0.05
    """Added to the penalty for each rating of a user or item: guards the large histories."""

    als_sweeps: PositiveInt = 10
    """Rounds over all items and all users; the validation error is flat from there on."""

    bias_regularization: PositiveFloat = 3.0
    """Ridge penalty of a user's and an item's bias, in als and bias."""

    bayesian_rank: Rank = 22
    """Factors per user and item; 10 to 30 differ by .002 RMSE, 22 fill 24 columns."""

    bayesian_burn_in: PositiveInt = 20
    """Sweeps that are forgotten; the error of a single draw is flat from there on."""

    bayesian_samples: PositiveInt = 32
    """Samples that serve; 16 cost .001 RMSE on MovieLens 1M, 8 cost .003."""

    bayesian_spacing: PositiveInt = 5
    """Sweeps from one sample to the next."""

    ials_rank: Rank | None = None
    """Factors per user and item; empty: 64, or 192 from 200,000 interactions."""

    ials_unobserved_mass: PositiveFloat = 7.0
    """What all pairs without interaction weigh together, against all with; 7 suits every size."""

    ials_shrinkage: PositiveFloat | Literal["auto"] = "auto"
    """Penalty, 1: what noise alone would need; .3 to .6 suit most, auto chooses among them."""

    ials_sweeps: PositiveInt = 8
    """Rounds over all items and all users; NDCG is flat from there on."""

    ease_regularization: PositiveFloat = 5.0
    """Penalty of the item weights, in mean users per item."""

    ease_activity_exponent: NonNegativeFloat = 0.5
    """How much less each item of a long history counts than of a short one; 0: as much."""

    ease_max_items: PositiveInt = 5000
    """Above so many items ease is no candidate: it takes items² memory (100 MB) and items³ time."""

    holdout_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The last part of each user's interactions, kept from training to measure with."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Equal data, settings and seed give equal arrays."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; auto takes CUDA where there is one."""

    threads: PositiveInt = os.cpu_count() or 1
    """Threads that solve rows on a CPU."""

    keep_versions: PositiveInt = 5
    """Versions that stay on the volume, besides the current and the previous one."""

    @field_validator("event_weights", mode="before")
    @classmethod
    def _split_weights(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.rpartition(":") for part in value.split(",") if part.strip()]
        if any(not name.strip() for name, _colon, _weight in parts):
            raise ValueError("use a comma list of name:weight, such as view:1,purchase:3")
        return EVENT_WEIGHTS | {name.strip(): weight for name, _colon, weight in parts}

    @field_validator("event_weights")
    @classmethod
    def _check_event_types(cls, value: dict[str, float]) -> dict[str, float]:
        require_event_types(value)
        return EVENT_WEIGHTS | value

    @property
    def recency_half_life(self) -> float:
        """`recency` as rankers take it: infinite where none is set."""
        return self.recency if isinstance(self.recency, float) else math.inf

    @property
    def named(self) -> AttributeNames:
        """The attributes to learn from."""
        return AttributeNames(self.user_features, self.item_features)

    @property
    def weighting(self) -> Weighting:
        """How interactions become histories."""
        return Weighting(event_weights=self.event_weights, half_life_days=self.half_life_days)
