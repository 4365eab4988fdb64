"""What every rating model promises."""

import numpy as np
import pytest
import torch

from services.trainer.models import RATING_MODELS
from services.trainer.ratings import Ratings
from services.trainer.settings import TrainerSettings
from services.trainer.solver import Workers
from shared.scorers import SCORERS, Rater

WORKERS = Workers(torch.device("cpu"), 2)
SETTINGS = TrainerSettings()

each_model = pytest.mark.parametrize("name", RATING_MODELS)


def fit(name: str, ratings: Ratings, settings: TrainerSettings = SETTINGS) -> Rater:
    return RATING_MODELS[name](ratings, settings, WORKERS)


def ratings_of(
    users: np.ndarray,
    items: np.ndarray,
    values: np.ndarray,
    shape: tuple[int, int],
    scale: tuple[float, float] = (1, 5),
) -> Ratings:
    return Ratings(
        users.astype(np.int32),
        items.astype(np.int32),
        values.astype(np.float32),
        np.zeros(len(users), dtype=np.int64),
        shape,
        scale,
    )


def checkerboard(density: float = 0.5) -> tuple[Ratings, Ratings]:
    """Even users love even items, odd users odd ones: known and hidden cells of the board."""
    users, items = np.divmod(np.arange(40 * 60), 60)
    values = np.where((users + items) % 2 == 0, 5.0, 1.0)
    board = ratings_of(users, items, values, (40, 60))
    known = np.random.default_rng(3).random(len(values)) < density
    return board.subset(known), board.subset(~known)


def rmse(rater: Rater, test: Ratings) -> float:
    predicted = test.clip(rater.rate(test.user_indices, test.item_indices))
    return float(np.sqrt(np.mean((predicted - test.values) ** 2)))


@each_model
def test_equal_data_settings_and_seed_give_equal_arrays(name: str) -> None:
    known, _hidden = checkerboard()
    first, second = fit(name, known), fit(name, known)
    for array, values in first.arrays().items():
        np.testing.assert_array_equal(values, second.arrays()[array])


@each_model
def test_arrays_make_the_same_scorer_again(name: str) -> None:
    known, hidden = checkerboard()
    rater = fit(name, known)
    again = SCORERS[name].from_arrays(rater.arrays())
    np.testing.assert_array_equal(rater.score(7), again.score(7))
    item = hidden.item_indices[:1]
    assert rater.rate(np.array([7]), item)[0] == pytest.approx(rater.score(7)[item[0]], abs=1e-5)


@each_model
def test_all_equal_ratings_predict_that_rating(name: str) -> None:
    known, hidden = checkerboard()
    equal = ratings_of(
        known.user_indices, known.item_indices, np.full(len(known), 3.0), known.shape
    )
    rater = fit(name, equal)
    np.testing.assert_allclose(rater.rate(hidden.user_indices, hidden.item_indices), 3.0, atol=1e-6)


@each_model
def test_a_single_rating_is_enough(name: str) -> None:
    rater = fit(name, ratings_of(np.array([0]), np.array([0]), np.array([4.0]), (1, 1)))
    assert rater.rate(np.array([0, -1]), np.array([0, -1])) == pytest.approx([4.0, 4.0])


@each_model
def test_users_and_items_without_ratings_are_average(name: str) -> None:
    known, _hidden = checkerboard()
    wider = ratings_of(known.user_indices, known.item_indices, known.values, (41, 61))
    rater = fit(name, wider)
    unrated, unknown = rater.rate(np.array([40, -1]), np.array([60, -1]))
    assert unrated == pytest.approx(unknown) == pytest.approx(wider.mean(), abs=1e-5)


@each_model
def test_the_unit_of_the_ratings_does_not_matter(name: str) -> None:
    known, hidden = checkerboard()
    stretched = ratings_of(
        known.user_indices, known.item_indices, known.values * 20, known.shape, (20, 100)
    )
    expected = fit(name, known).rate(hidden.user_indices, hidden.item_indices)
    actual = fit(name, stretched).rate(hidden.user_indices, hidden.item_indices)
    np.testing.assert_allclose(actual / 20, expected, atol=1e-3)


@each_model
def test_biases_are_found(name: str) -> None:
    rng = np.random.default_rng(4)
    users, items = np.nonzero(rng.random((200, 150)) < 0.3)
    truth = 3 + rng.normal(0, 0.5, 200)[users] + rng.normal(0, 0.5, 150)[items]
    ratings = ratings_of(users, items, truth + rng.normal(0, 0.2, len(users)), (200, 150))
    train = rng.random(len(users)) < 0.8
    error = rmse(fit(name, ratings.subset(train)), ratings.subset(~train))
    assert error < 0.27  # the noise is .2, the ratings' standard deviation .73


def test_als_sees_the_checkerboard_that_biases_cannot() -> None:
    known, hidden = checkerboard()
    assert rmse(fit("bias", known), hidden) > 1.9
    predicted = fit("als", known).rate(hidden.user_indices, hidden.item_indices)
    np.testing.assert_array_equal(predicted > 3, hidden.values > 3)


def test_another_seed_starts_elsewhere() -> None:
    known, _hidden = checkerboard()
    one = fit("als", known, TrainerSettings(seed=1, als_sweeps=1))
    two = fit("als", known, TrainerSettings(seed=2, als_sweeps=1))
    assert not np.array_equal(one.score(0), two.score(0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_gives_the_model_of_the_cpu() -> None:
    known, hidden = checkerboard()
    on_gpu = RATING_MODELS["als"](known, SETTINGS, Workers(torch.device("cuda"), 1))
    expected = fit("als", known).rate(hidden.user_indices, hidden.item_indices)
    actual = on_gpu.rate(hidden.user_indices, hidden.item_indices)
    np.testing.assert_allclose(actual, expected, atol=1e-2)
