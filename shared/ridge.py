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


def variances(precision: Floats, features: Floats) -> Floats:
    """Of features · vector for each of `features` [..., n, k], float[..., n], where `precision`
    [..., k, k] is all that is known of the vector; in units of the noise where that is."""
    solved = features @ np.linalg.inv(precision)
    found: Floats = np.einsum("...nk,...nk->...n", solved, features)
    return np.maximum(found, 0)  # rounding may leave -1e-8


def contributions(
    features: Floats,
    targets: Floats,
    precision: Floats,
    asked: Floats,
    *,
    confidences: Floats | None = None,
) -> Floats:
    """What each row adds to asked · vector for each of `asked` [m, k], float[n, m]; the other
    arguments as of `posterior`, for one history and the mean 0.

    The vector is linear in the targets, so the rows add up to all of it.
    """
    weights = targets if confidences is None else targets * confidences
    known = posterior(features, targets, precision, confidences=confidences)[1]
    added: Floats = (features @ np.linalg.solve(known, asked.T)) * weights[:, None]
    return added
