"""Settings of the trainer."""

import os
from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from shared.settings import Settings


class TrainerSettings(Settings):
    """What is trained, and how."""

    model: Literal["als", "bias"] = "als"
    """The rating model: matrix factorization by alternating least squares, or biases alone."""

    als_rank: Annotated[int, Field(gt=0, le=1024)] = 14
    """Factors per user and item; 10 to 32 differ by .001 RMSE on MovieLens, 14 fill 16 columns."""

    als_regularization: PositiveFloat = 4.5
    """Ridge penalty of each factor, for ratings in standard deviations; 7 suits noisier data."""

    als_regularization_per_rating: NonNegativeFloat = 0.05
    """Added to the penalty for each rating of a user or item: guards the large histories."""

    als_sweeps: PositiveInt = 10
    """Rounds over all items and all users; the validation error is flat from there on."""

    bias_regularization: PositiveFloat = 3.0
    """Ridge penalty of a user's and an item's bias, in every model."""

    holdout_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The last part of each user's ratings, kept from training to measure with."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Equal data, settings and seed give equal arrays."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; auto takes CUDA where there is one."""

    threads: PositiveInt = os.cpu_count() or 1
    """Threads that solve rows on a CPU."""

    keep_versions: PositiveInt = 5
    """Versions that stay on the volume, besides the current and the previous one."""
