"""Settings of the trainer: of the data, of the models, and of how they are chosen."""

import os
from typing import Annotated

from pydantic import (
    BaseModel,
    Field,
    PositiveFloat,
    PositiveInt,
    field_validator,
)

from services.trainer.data.declared_features import AttributeNames
from services.trainer.models import MODELS, ModelSettings
from services.trainer.models.settings import Device
from services.trainer.models.settings import Settings as SharedModelSettings
from shared.database.event_types import EVENT_WEIGHTS, EventWeights
from shared.scorers.histories import Weighting
from shared.settings import CommaList, FirstTrainingSettings, Settings

AUTO = "auto"


class DataSettings(BaseModel):
    """What is learned from, and what of it is held out."""

    event_weights: EventWeights = EVENT_WEIGHTS
    """How much one event of each type says to the rankers (comma list of name:weight)."""

    user_features: CommaList = ()
    """Attributes of users to learn from (comma list); by default none, as they are personal."""

    item_features: CommaList = ("category",)
    """Attributes of items to learn from (comma list); category is their own column."""

    half_life_days: PositiveFloat | None = None
    """After so many days an event says half as much to the rankers; empty: events do not age."""

    holdout_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The last part of each user's interactions, kept from training to evaluate on."""

    @property
    def named(self) -> AttributeNames:
        """The attributes to learn from."""
        return AttributeNames(self.user_features, self.item_features)

    @property
    def weighting(self) -> Weighting:
        """How interactions become histories."""
        return Weighting(event_weights=self.event_weights, half_life_days=self.half_life_days)


class TrainerSettings(Settings, FirstTrainingSettings, DataSettings, ModelSettings):
    """What is trained, and how. What is None by default follows from the size of the data."""

    model: str = AUTO
    """auto: the best rating model and the best ranker on held-out data; or one model by name."""

    device: Device = "auto"
    """Where to train; auto takes CUDA where there is one."""

    threads: PositiveInt = os.cpu_count() or 1
    """Threads that solve rows on a CPU."""

    keep_versions: PositiveInt = 5
    """Versions that stay on the volume, besides the current and the previous one."""

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        *first_names, last = (f"'{name}'" for name in (AUTO, *MODELS))
        if value not in (AUTO, *MODELS):
            raise ValueError(f"Input should be {', '.join(first_names)} or {last}")
        return value


CONDITIONS = (*DataSettings.model_fields, *SharedModelSettings.model_fields)
"""What every figure depends on, whatever the model."""

RECORDED = ("model", *DataSettings.model_fields, *ModelSettings.model_fields)
"""What shapes a version's arrays: kept with it."""
