"""Where a training computes."""

import torch

from services.trainer.models.settings import Device
from services.trainer.models.solver import Workers
from shared.errors import SommelierError


def workers_on(device: Device, threads: int) -> Workers:
    """So many threads on a device; SommelierError where that is not there."""
    return Workers(_torch_device(device), threads)


def _torch_device(device: Device) -> torch.device:
    if device == "cuda" and not torch.cuda.is_available():
        raise SommelierError(
            "Config 'DEVICE' has value 'cuda', but PyTorch finds no CUDA device here: "
            "use auto or cpu."
        )
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)
