"""The regression behind every factor model.

Given the other side, a user's vector x minimises

    Σ over rows  confidence · (target - features · x)²  +  (x - mean)ᵀ precision (x - mean)

Training solves it for all users and all items in batches (services/trainer/models/solver.py),
fold-in for one history (`fold_in` here).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


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
    known = _known(features, precision, confidences)
    weighted = targets if confidences is None else targets * confidences
    moments: Floats = (features.mT @ weighted[..., None])[..., 0]
    if mean is not None:
        moments = moments + (precision @ mean[..., None])[..., 0]
    solution: Floats = np.linalg.solve(known, moments[..., None])[..., 0]
    return solution, known


def _known(features: Floats, precision: Floats, confidences: Floats | None) -> Floats:
    """What is known of a vector after its history, as a precision."""
    rows = features if confidences is None else features * np.sqrt(confidences)[:, None]
    known: Floats = rows.mT @ rows
    known += precision
    return known


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
    directions: Floats,
    *,
    confidences: Floats | None = None,
) -> Floats:
    """What each row adds to direction · vector for each of `directions` [m, k], float[n, m]; the
    other arguments as of `posterior`, for one history and the mean 0.

    The vector is linear in the targets, so the rows add up to all of it.
    """
    weights = targets if confidences is None else targets * confidences
    known = _known(features, precision, confidences)
    added: Floats = (features @ np.linalg.solve(known, directions.T)) * weights[:, None]
    return added
