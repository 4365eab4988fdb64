import numpy as np
import torch

from services.trainer.models import bayesian
from services.trainer.models.bayesian.model import projected
from services.trainer.models.bayesian.projection import RANK, project
from services.trainer.models.solver import Workers
from services.trainer.settings import TrainerSettings
from shared.scorers import BayesianFactorization
from tests.trainer.datasets import dataset_of


def test_scores_of_low_rank_are_kept() -> None:
    rng = np.random.default_rng(1)
    axes = rng.standard_normal((3, 40))
    users = (rng.standard_normal((200, 3)) @ axes).astype(np.float32)
    items = rng.standard_normal((60, 40)).astype(np.float32)
    projection, of_items = project(users, items, rank=3)
    assert (projection.shape, of_items.shape) == ((40, 3), (60, 3))
    np.testing.assert_allclose(users @ projection @ of_items.T, users @ items.T, atol=1e-3)


def test_what_is_lost_is_the_least_that_a_rank_can_lose() -> None:
    rng = np.random.default_rng(2)
    users = rng.standard_normal((300, 20)).astype(np.float32)
    items = rng.standard_normal((50, 20)).astype(np.float32)
    projection, of_items = project(users, items, rank=8)
    scores = users @ items.T
    lost = scores - users @ projection @ of_items.T
    strengths = np.linalg.svd(scores, compute_uv=False)
    assert np.sum(lost**2) <= 1.01 * np.sum(strengths[8:] ** 2)


def test_users_without_any_spread_are_no_error() -> None:
    items = np.ones((5, 4), dtype=np.float32)
    projection, of_items = project(np.zeros((3, 4), dtype=np.float32), items, rank=2)
    assert np.isfinite(projection).all()
    assert np.isfinite(of_items).all()


def test_a_large_catalogue_is_scored_nearly_as_by_all_samples() -> None:
    rng = np.random.default_rng(3)
    users, items = np.nonzero(rng.random((80, 60)) < 0.4)
    ratings = 3 + rng.normal(size=(80, 2))[users, 0] * rng.normal(size=60)[items]
    dataset = dataset_of(users, items, np.clip(ratings, 1, 5), shape=(80, 60))
    settings = TrainerSettings(bayesian_rank=3, bayesian_samples=8, bayesian_spacing=1)
    exact = bayesian.fit(dataset, settings, Workers(torch.device("cpu"), 1))
    approximate = projected(exact, rng)
    everyone = np.arange(-1, 80)
    scores = exact.score(exact.vectors(everyone))
    vectors = approximate.vectors(everyone)
    assert vectors.shape[1] == min(RANK, 3 * 8) + 1
    np.testing.assert_allclose(approximate.score(vectors), scores, atol=0.02)
    np.testing.assert_allclose(
        approximate.rate(vectors[:60], np.arange(60)),
        scores[np.arange(60), np.arange(60)],
        atol=0.02,
    )
    again = BayesianFactorization.from_arrays(approximate.arrays(), dataset.histories)
    np.testing.assert_array_equal(again.score(vectors), approximate.score(vectors))
