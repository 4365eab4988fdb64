import numpy as np

from services.trainer.segments.user_embedding import Scores, embed
from shared.arrays.types import Float32


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def rows_of(scores: Float32) -> Scores:
    return lambda users: scores[users]


def test_neither_activity_nor_popularity_moves_a_user() -> None:
    tastes = rng().standard_normal((40, 12)).astype(np.float32)
    before = embed(rows_of(tastes), np.arange(40), rng())
    louder = tastes * np.linspace(1, 9, 40, dtype=np.float32)[:, None] + 3
    after = embed(rows_of(louder), np.arange(40), rng())
    assert before.shape == (40, 8)
    assert np.allclose(np.abs(before), np.abs(after), atol=1e-3)


def test_users_of_one_taste_stand_at_one_place() -> None:
    scores = np.repeat(np.eye(3, 6, dtype=np.float32), 30, axis=0)
    places = embed(rows_of(scores), np.arange(90), rng())
    assert np.allclose(places[:30], places[0], atol=1e-5)
    assert np.linalg.norm(places[0] - places[30]) > 1
    assert np.allclose(np.linalg.norm(places, axis=1), 1, atol=1e-4)


def test_users_in_blocks_stand_where_they_stand_at_once() -> None:
    scores = rng().standard_normal((1100, 20)).astype(np.float32)
    scores[600:, :5] += 3
    everybody, pair = np.arange(1100), np.array([0, 700])
    places = embed(rows_of(scores), everybody, rng())
    far = np.linalg.norm(places[pair[0]] - places[pair[1]])
    assert places.shape == (1100, 8)
    assert far > 0.5
