from dataclasses import replace

import numpy as np
import pytest

from shared.scorers import MatrixFactorization
from shared.scorers.choice import is_known
from shared.scorers.histories import History
from tests.shared.histories import rated_histories

HISTORIES = rated_histories([(0, 5.0)], [(1, 2.0)])


def model() -> MatrixFactorization:
    return MatrixFactorization(
        mean=np.array([3], dtype=np.float32),
        user_bias=np.array([0.5, -0.5], dtype=np.float32),
        item_bias=np.array([0, 0.25, 1], dtype=np.float32),
        user_factors=np.array([[1, 0], [0, 2]], dtype=np.float32),
        item_factors=np.array([[1, 1], [0, 1], [2, 0]], dtype=np.float32),
        penalty=np.array([1, 1, 2], dtype=np.float32),
        penalty_per_rating=np.array([0.5, 0.5, 0], dtype=np.float32),
    )


def test_a_score_is_the_sum_of_its_parts() -> None:
    scores = model().score(model().vectors(np.array([0, 1])))
    assert scores.tolist() == [[4.5, 3.75, 6.5], [4.5, 4.75, 3.5]]


def test_a_stranger_gets_what_is_known_of_the_items() -> None:
    assert model().score(model().vectors(np.array([-1]))).tolist() == [[3, 3.25, 4]]
    assert model().fold_in(History.empty()).tolist() == [0, 0, 0]


def test_only_users_who_rated_are_known() -> None:
    viewer = rated_histories([(0, np.nan)])
    assert is_known(model(), HISTORIES[0])
    assert not is_known(model(), viewer[0])
    assert not is_known(model(), History.empty())


def test_rate_agrees_with_score_and_takes_what_is_known() -> None:
    vectors = model().vectors(np.array([0, 1, -1, 0, -1]))
    assert model().rate(vectors, np.array([2, 1, 2, -1, -1])).tolist() == [6.5, 4.75, 4, 3.5, 3]
    assert model().rate(vectors[:1], np.array([2, -1])).tolist() == [6.5, 3.5]


def test_fold_in_is_the_ridge_regression_of_a_history() -> None:
    history = rated_histories([(0, 5.0), (2, 3.0), (1, np.nan)])[0]
    features = np.array([[1, 1, 1], [2, 0, 1]], dtype=np.float64)
    targets = np.array([5 - 3 - 0, 3 - 3 - 1])
    expected = np.linalg.solve(features.T @ features + np.diag([2, 2, 2]), features.T @ targets)
    np.testing.assert_allclose(model().fold_in(history), expected, rtol=1e-5)


def test_deviation_is_that_of_the_posterior_with_noise_as_it_was_seen() -> None:
    history = rated_histories([(0, 5.0), (2, 3.0), (1, np.nan)])[0]
    features = np.array([[1, 1, 1], [2, 0, 1]], dtype=np.float64)
    targets, prior = np.array([2, -1]), np.diag([2, 2, 2])
    precision = features.T @ features + prior
    vector = np.linalg.solve(precision, features.T @ targets)
    residuals = targets - features @ vector
    usual = 2 * 0.25  # the penalty of a bias, and the variance of the biases
    noise = (10 * usual + residuals @ residuals + vector @ prior @ vector) / (10 + 2)
    items = np.array([[1, 1, 1], [0, 1, 1], [2, 0, 1]])
    expected = np.sqrt(noise * np.diag(items @ np.linalg.inv(precision) @ items.T))
    np.testing.assert_allclose(model().score_std(history), expected, rtol=1e-5)


def test_who_rated_nothing_tells_nothing_of_the_noise() -> None:
    before = model().score_std(History.empty())
    wider = replace(
        model(),
        user_bias=np.append(model().user_bias, np.float32(0)),
        user_factors=np.zeros((3, 2), dtype=np.float32),
    )
    np.testing.assert_array_equal(wider.score_std(History.empty()), before)
    nobody = wider.without_users(np.arange(3))
    np.testing.assert_array_equal(nobody.score_std(History.empty()), np.zeros(3))


def test_a_row_adds_its_rating_and_a_view_nothing() -> None:
    history = rated_histories([(0, 5.0), (2, 3.0), (1, np.nan)])[0]
    added = model().contributions(history, np.array([2, 0]))
    assert added.shape == (3, 2)
    assert added[1].tolist() == [0, 0]
    scores = model().score(model().fold_in(history)[None], np.array([2, 0]))[0]
    np.testing.assert_allclose(added.sum(axis=0), scores - [4, 3], rtol=1e-5)
    assert added[0].min() > 0  # rated above the mean
    assert added[2].max() < 0  # and below


def test_shapes_that_do_not_fit_are_refused() -> None:
    arrays = model().arrays()
    for name in arrays:
        with pytest.raises(ValueError, match="fit together"):
            MatrixFactorization.from_arrays(
                {**arrays, name: arrays[name].repeat(2, axis=-1)}, HISTORIES
            )
    with pytest.raises(ValueError, match="holds float64"):
        MatrixFactorization.from_arrays({**arrays, "mean": np.array([3.0])}, HISTORIES)
    with pytest.raises(KeyError, match="mean"):
        MatrixFactorization.from_arrays({}, HISTORIES)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    arrays = {**model().arrays(), "item_bias": np.array([0, value, 0], dtype=np.float32)}
    with pytest.raises(ValueError, match="no finite number, in item_bias"):
        MatrixFactorization.from_arrays(arrays, HISTORIES)
