"""Draws are right where their distribution is known."""

import numpy as np
import torch

from services.trainer.models.bayesian.side_prior import Features, Regression, wishart_root


def test_wishart_draws_have_their_mean() -> None:
    rng = np.random.default_rng(1)
    scatter = torch.tensor([[3.0, 1.0], [1.0, 2.0]], dtype=torch.float64)
    draws = []
    for _draw in range(4000):
        root = wishart_root(scatter, 6, rng)
        draws.append((root @ root.T).numpy())
    np.testing.assert_allclose(
        np.mean(draws, axis=0), 6 * np.linalg.inv(scatter.numpy()), rtol=0.05
    )


def test_location_weights_and_precision_of_many_rows_are_found() -> None:
    rng = np.random.default_rng(2)
    values = rng.standard_normal((20_000, 2)).astype(np.float32)
    weights = np.array([[1.0, 0.0], [0.0, -2.0]])
    spread = np.array([0.5, 1.0])
    rows = np.array([3.0, -1.0]) + values @ weights + rng.standard_normal((20_000, 2)) * spread
    regression = Regression(Features.of([values[:, :1], values[:, 1:]]))
    prior = regression.draw(torch.from_numpy(rows.astype(np.float32)), rng)
    np.testing.assert_allclose(prior.location, [3, -1], atol=0.05)
    np.testing.assert_allclose(prior.weights, weights, atol=0.05)
    np.testing.assert_allclose(prior.precision.diagonal(), spread**-2, rtol=0.1)


def test_features_that_say_nothing_are_shrunk_away() -> None:
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((300, 100)).astype(np.float32)
    regression = Regression(Features.of([noise]))
    rows = torch.from_numpy(rng.standard_normal((300, 3)).astype(np.float32))
    draws = torch.stack([regression.draw(rows, rng).weights for _sweep in range(60)])
    squares = torch.linalg.lstsq(torch.from_numpy(noise), rows).solution
    assert float(draws[20:].mean(dim=0).abs().mean()) < 0.7 * float(squares.abs().mean())
