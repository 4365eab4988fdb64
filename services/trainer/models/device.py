"""Where a training computes."""

import torch

from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.errors import SommelierError


def workers_for(settings: TrainerSettings) -> Workers:
    """On settings.device; SommelierError where that is not there."""
    return Workers(_device(settings), settings.threads)


def _device(settings: TrainerSettings) -> torch.device:
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise SommelierError(
            "Config 'DEVICE' has value 'cuda', but PyTorch finds no CUDA device here: "
            "use auto or cpu."
        )
    if settings.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(settings.device)
