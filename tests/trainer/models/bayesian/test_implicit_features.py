import numpy as np
import torch

from services.trainer.data.ratings import Ratings
from services.trainer.models.bayesian.implicit_features import (
    Implicit,
    implicit_features,
    item_features,
    singular_vectors,
    user_features,
)


def test_singular_vectors_are_those_of_the_matrix() -> None:
    rng = np.random.default_rng(1)
    dense = (rng.random((40, 30)) < 0.2) * rng.random((40, 30))
    where = torch.from_numpy(np.stack(np.nonzero(dense)))
    values = torch.from_numpy(dense[np.nonzero(dense)].astype(np.float32))
    matrix = torch.sparse_coo_tensor(where, values, dense.shape, check_invariants=True).coalesce()
    left, right = singular_vectors(matrix, 3, rng)
    u, _, vh = np.linalg.svd(dense)
    for found, true in ((left, u.T), (right, vh)):
        overlap = np.abs(np.sum(found.numpy().T * true[:3], axis=1))
        np.testing.assert_allclose(overlap, 1, atol=1e-3)


def test_a_users_features_are_a_function_of_its_items() -> None:
    rng = np.random.default_rng(2)
    users, items = np.nonzero(rng.random((50, 30)) < 0.3)
    ratings = Ratings(
        users.astype(np.int32),
        items.astype(np.int32),
        np.ones(len(users), dtype=np.float32),
        (50, 30),
        (1, 5),
    )
    implicit = implicit_features(ratings, 4, 6, rng)
    own_items = items[users == 7]
    expected = implicit.basis[own_items].sum(axis=0) / len(own_items) ** 0.5
    np.testing.assert_allclose(implicit.users[7], expected, rtol=1e-4, atol=1e-5)
    assert implicit.items.shape == (30, 6)


def test_a_row_without_ratings_has_no_features() -> None:
    rows = np.array([[1], [2], [3]], dtype=np.float32) * np.ones(2, dtype=np.float32)
    implicit = Implicit(basis=rows, users=rows, items=rows)
    ratings = Ratings(
        np.array([0, 0, 2], dtype=np.int32),
        np.array([0, 2, 0], dtype=np.int32),
        np.ones(3, dtype=np.float32),
        (3, 3),
        (1, 5),
    )
    nothing = np.empty((3, 0), dtype=np.float32)
    users, centre = user_features(implicit, ratings, nothing)
    items = item_features(implicit, ratings, nothing)
    assert users.values[1].tolist() == items.values[1].tolist() == [0, 0, 0]
    assert centre[:2].tolist() == [2, 2]
    assert users.groups.tolist() == [0, 0, 1]
    assert abs(float(users.values[2, 0])) < abs(float(items.values[2, 0]))
