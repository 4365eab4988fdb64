"""The regression behind every factor model, for numpy arrays and torch tensors alike.

Given the other side, a user's vector x minimises

    Σ over rows  confidence · (target - features · x)²  +  (x - mean)ᵀ precision (x - mean)

Training solves it for all users and all items in batches (services/trainer/solver.py), fold-in for
one history (`fold_in` here).
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Array = TypeVar("Array")


def normal_equations(rows: Array, unknowns: int) -> tuple[Array, Array]:
    """The Gram matrices [..., k, k] and the moments [..., k] of k = `unknowns`.

    `rows` [..., n, k + 1 or more]: features, then the target, each times the square root of the
    row's confidence; one product gives both.
    """
    products = rows.mT @ rows  # type: ignore[attr-defined]
    return products[..., :unknowns, :unknowns], products[..., :unknowns, unknowns]


def fold_in(
    features: Floats,
    targets: Floats,
    precision: Floats,
    *,
    confidences: Floats | None = None,
    mean: Floats | None = None,
) -> Floats:
    """The vector of one history, [..., k]; arguments as of `posterior`."""
    return posterior(features, targets, precision, confidences=confidences, mean=mean)[0]


def posterior(
    features: Floats,
    targets: Floats,
    precision: Floats,
    *,
    confidences: Floats | None = None,
    mean: Floats | None = None,
) -> tuple[Floats, Floats]:
    """The vector of one history, [..., k], and its precision after the history, [..., k, k].

    `features` [..., n, k], `targets` [..., n], `precision` [..., k, k] positive definite,
    `confidences` [n] (1 without), `mean` [..., k] (0 without). Without rows it is the mean.
    """
    rows = np.concatenate([features, targets[..., None]], axis=-1)
    if confidences is not None:
        rows *= np.sqrt(confidences)[:, None]
    gram, moments = normal_equations(rows, features.shape[-1])
    if mean is not None:
        moments = moments + (precision @ mean[..., None])[..., 0]
    known: Floats = gram + precision
    solution: Floats = np.linalg.solve(known, moments[..., None])[..., 0]
    return solution, known
