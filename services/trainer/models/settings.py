"""The base of every model's settings, and of what a search may try of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, PositiveFloat

Device = Literal["auto", "cpu", "cuda"]
Rank = Annotated[int, Field(gt=0, le=1024)]


class Settings(BaseModel, frozen=True, allow_inf_nan=False):
    """What all models share. A model's own fields begin with its name."""

    recency: PositiveFloat | Literal["auto", "off"] = "auto"
    """How many newer items halve what an item says of its user; auto: chosen on held-out data."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Equal data, settings and seed give equal arrays."""

    @property
    def recency_half_life(self) -> float:
        """`recency` as rankers take it: infinite where none is set."""
        return self.recency if isinstance(self.recency, float) else math.inf

    def without_recency(self) -> Self:
        """Off where it is left to auto."""
        return self.model_copy(update={"recency": "off"} if self.recency == "auto" else {})


@dataclass(frozen=True)
class Between:
    """A number from `low` to `high`; whole where both are, by its logarithm where `log` says so.

    `start` is tried first where the setting is left to auto.
    """

    low: float
    high: float
    log: bool = True
    start: float | None = None


Space = Mapping[str, Between]
"""What a search tries of each setting, by the setting's name."""
