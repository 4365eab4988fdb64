from dataclasses import replace

import numpy as np
import pytest

from shared.scorers import BayesianFactorization
from shared.scorers.bayesian_factorization import BLOCK_ITEMS
from shared.scorers.choice import is_known
from shared.scorers.histories import History
from tests.shared.histories import rated_histories

HISTORIES = rated_histories([(0, 5.0), (2, 1.0)], [(1, np.nan)])


def floats(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(np.float32)


def model(samples: int = 3, rank: int = 2, attributes: int = 0) -> BayesianFactorization:
    rng = np.random.default_rng(4)
    return BayesianFactorization(
        item_factors=floats(rng, 4, samples, rank),
        item_biases=floats(rng, 4, samples),
        user_location=floats(rng, samples, rank + 1),
        user_weights=floats(rng, samples, 3 + attributes, rank + 1),
        user_precision=np.tile(2 * np.eye(rank + 1, dtype=np.float32), (samples, 1, 1)),
        noise_precision=np.linspace(1, 2, samples, dtype=np.float32),
        basis=floats(rng, 4, 2),
        centre=floats(rng, 3),
        unit=np.array([3, 1.5], dtype=np.float32),
        projection=np.empty((0, 0), dtype=np.float32),
        projected_items=np.empty((0, 0), dtype=np.float32),
        histories=HISTORIES,
    )


def expected_ratings(scorer: BayesianFactorization, history: History) -> np.ndarray:
    """By the definition, a sample at a time."""
    rated = history.rated()
    n = len(rated)
    known = np.append(scorer.basis[rated.item_indices].sum(axis=0) / max(n, 1) ** 0.5, np.log1p(n))
    features = (known - scorer.centre) * n / (n + 10)
    ratings = []
    for s, noise in enumerate(scorer.noise_precision):
        ones = np.ones((4, 1))
        items = np.hstack([scorer.item_factors[:, s], ones])
        prior = scorer.user_location[s] + features @ scorer.user_weights[s]
        x = items[rated.item_indices]
        y = (rated.ratings - 3) / 1.5 - scorer.item_biases[rated.item_indices, s]
        precision = noise * x.T @ x + scorer.user_precision[s]
        user = np.linalg.solve(precision, noise * x.T @ y + scorer.user_precision[s] @ prior)
        ratings.append(items @ user + scorer.item_biases[:, s])
    mean: np.ndarray = np.mean(ratings, axis=0)
    return 3 + 1.5 * mean


@pytest.mark.parametrize("user", [0, 1, -1])
def test_a_rating_is_the_mean_over_samples_of_the_conditional_means(user: int) -> None:
    scorer = model()
    scores = scorer.score(scorer.vectors(np.array([user])))[0]
    np.testing.assert_allclose(scores, expected_ratings(scorer, HISTORIES[user]), rtol=1e-4)


def test_what_is_declared_of_a_user_moves_the_prior() -> None:
    scorer = model(attributes=2)
    plain = scorer.fold_in(HISTORIES[0])
    average = replace(HISTORIES[0], attributes=np.zeros(2, dtype=np.float32))
    declared = replace(HISTORIES[0], attributes=np.array([1, -1], dtype=np.float32))
    np.testing.assert_array_equal(scorer.fold_in(average), plain)
    assert not np.allclose(scorer.fold_in(declared), plain)


def test_an_unknown_item_is_rated_by_the_users_bias() -> None:
    scorer = model()
    vectors = scorer.vectors(np.array([0, -1]))
    ratings = scorer.rate(vectors, np.array([-1, -1]))
    np.testing.assert_allclose(ratings, 3 + vectors[:, -1], rtol=1e-6)


def test_uncertainty_is_the_spread_of_draws() -> None:
    """Of users drawn from the conditional distribution in each sample, and the noise."""
    scorer, rng = model(), np.random.default_rng(1)
    means, precision = scorer._conditional(HISTORIES[0])
    draws = []
    for s, noise in enumerate(scorer.noise_precision):
        covariance = np.linalg.inv(precision[s]) / noise
        users = rng.multivariate_normal(means[s], covariance, size=40_000)
        items = np.hstack([scorer.item_factors[:, s], np.ones((4, 1))])
        ratings = users @ items.T + scorer.item_biases[:, s]
        draws.append(ratings + rng.standard_normal(ratings.shape) / noise**0.5)
    spread = 1.5 * np.concatenate(draws).std(axis=0)
    uncertainty = scorer.uncertainty(HISTORIES[0], np.array([0, 1, 2, 3, -1]))
    np.testing.assert_allclose(uncertainty[:4], spread, rtol=0.02)
    assert np.isnan(uncertainty[4])


def test_deviation_is_the_uncertainty_without_the_noise() -> None:
    scorer, items = model(attributes=2), np.arange(4)
    for history in (HISTORIES[0], HISTORIES[1], History.empty()):
        noise = 1.5**2 * np.mean(1 / scorer.noise_precision)
        expected = np.sqrt(scorer.uncertainty(history, items) ** 2 - noise)
        np.testing.assert_allclose(scorer.score_std(history), expected, rtol=1e-5)


def test_deviation_of_a_large_catalogue_is_that_of_each_item() -> None:
    small = model()
    times = BLOCK_ITEMS // 4 + 1
    large = replace(
        small,
        item_factors=np.tile(small.item_factors, (times, 1, 1)),
        item_biases=np.tile(small.item_biases, (times, 1)),
        basis=np.tile(small.basis, (times, 1)),
    )
    expected = np.tile(small.score_std(HISTORIES[0]), times)
    np.testing.assert_allclose(large.score_std(HISTORIES[0]), expected, rtol=1e-5)


def test_a_full_projection_changes_no_score() -> None:
    scorer = model()
    items = scorer.sampled_items
    same = scorer.with_projection(np.eye(items.shape[1], dtype=np.float32), items)
    vectors = scorer.vectors(np.array([0, -1]))
    np.testing.assert_allclose(same.score(same.vectors(np.array([0, -1]))), scorer.score(vectors))


def test_only_users_who_rated_are_known() -> None:
    histories = HISTORIES[0], HISTORIES[1], History.empty()
    assert [is_known(model(), history) for history in histories] == [True, False, False]


def test_shapes_and_numbers_that_do_not_hold_are_refused() -> None:
    arrays = model().arrays()
    for name in set(arrays) - {"projection", "projected_items"}:
        with pytest.raises(ValueError, match="fit together"):
            BayesianFactorization.from_arrays(
                {**arrays, name: arrays[name].repeat(2, axis=0)}, HISTORIES
            )
    with pytest.raises(ValueError, match="fit together"):
        model().with_projection(np.ones((6, 2), dtype=np.float32), np.ones((4, 3), dtype="f4"))
    with pytest.raises(ValueError, match="no finite number"):
        replace(model(), item_biases=np.full((4, 3), np.nan, dtype=np.float32))
