import numpy as np

from services.trainer.gibbs.projection import project


def test_scores_of_low_rank_are_kept() -> None:
    rng = np.random.default_rng(1)
    axes = rng.standard_normal((3, 40))
    users = (rng.standard_normal((200, 3)) @ axes).astype(np.float32)
    items = rng.standard_normal((60, 40)).astype(np.float32)
    projection, projected = project(users, items, rank=3)
    assert (projection.shape, projected.shape) == ((40, 3), (60, 3))
    np.testing.assert_allclose(users @ projection @ projected.T, users @ items.T, atol=1e-3)


def test_what_is_lost_is_the_least_that_a_rank_can_lose() -> None:
    rng = np.random.default_rng(2)
    users = rng.standard_normal((300, 20)).astype(np.float32)
    items = rng.standard_normal((50, 20)).astype(np.float32)
    projection, projected = project(users, items, rank=8)
    scores = users @ items.T
    lost = scores - users @ projection @ projected.T
    strengths = np.linalg.svd(scores, compute_uv=False)
    assert np.sum(lost**2) <= 1.01 * np.sum(strengths[8:] ** 2)


def test_users_without_any_spread_are_no_error() -> None:
    items = np.ones((5, 4), dtype=np.float32)
    projection, projected = project(np.zeros((3, 4), dtype=np.float32), items, rank=2)
    assert np.isfinite(projection).all()
    assert np.isfinite(projected).all()
