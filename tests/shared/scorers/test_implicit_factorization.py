from dataclasses import replace

import numpy as np
import pytest

from shared.scorers import ImplicitFactorization
from shared.scorers.choice import is_known
from shared.scorers.histories import History
from tests.shared.histories import rated_histories

ITEMS = np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32)
HISTORIES = rated_histories([(0, 5.0), (2, 4.0)])


def model() -> ImplicitFactorization:
    return ImplicitFactorization(
        user_factors=np.array([[1, 0], [0.5, 0.5]], dtype=np.float32),
        item_factors=ITEMS,
        gram=(0.1 * ITEMS.T @ ITEMS).astype(np.float32),
        penalty=np.array([0.3, 0.2], dtype=np.float32),
        recency=np.array([np.inf], dtype=np.float32),
    )


def test_a_score_is_the_product_of_factors_and_a_stranger_scores_nothing() -> None:
    assert model().score(model().vectors(np.array([0, 1, -1]))).tolist() == [
        [1, 0, 1],
        [0.5, 0.5, 1],
        [0, 0, 0],
    ]


def test_fold_in_minimises_the_loss_over_all_items() -> None:
    history = replace(
        HISTORIES[0],
        confidences=np.array([1, 3], dtype=np.float32),
        preferences=np.array([True, False]),
    )
    vector = model().fold_in(history)

    def loss(x: np.ndarray) -> float:
        scores = ITEMS @ x
        fit = 1 * (1 - scores[0]) ** 2 + 3 * (0 - scores[2]) ** 2
        return float(fit + 0.1 * scores @ scores + 0.2 * (4 + 0.3) * x @ x)

    steps = np.concatenate([np.eye(2), -np.eye(2)]) * 1e-2
    assert all(loss(vector + step) > loss(vector) for step in steps)


def test_deviation_is_that_of_the_posterior_with_the_noise_of_the_rows() -> None:
    history = replace(
        HISTORIES[0],
        confidences=np.array([1, 3], dtype=np.float32),
        preferences=np.array([True, False]),
    )
    scores = model().score(model().fold_in(history)[None])[0]
    noise = (1 * (1 - scores[0]) ** 2 + 3 * (0 - scores[2]) ** 2) / 4
    rows = ITEMS[[0, 2]]
    ridge = 0.2 * (4 + 0.3) * np.eye(2)
    precision = rows.T @ np.diag([1, 3]) @ rows + 0.1 * ITEMS.T @ ITEMS + ridge
    expected = np.sqrt(noise * np.diag(ITEMS @ np.linalg.inv(precision) @ ITEMS.T))
    np.testing.assert_allclose(model().score_std(history), expected, rtol=1e-5)


def test_of_a_stranger_all_is_uncertain() -> None:
    precision = 0.1 * ITEMS.T @ ITEMS + 0.2 * 0.3 * np.eye(2)
    expected = np.sqrt(np.diag(ITEMS @ np.linalg.inv(precision) @ ITEMS.T))
    np.testing.assert_allclose(model().score_std(History.empty()), expected, rtol=1e-5)


def test_a_dislike_adds_nothing_of_its_own() -> None:
    mixed = replace(HISTORIES[0], preferences=np.array([True, False]))
    added = model().contributions(mixed, np.array([1, 2]))
    assert added[1].tolist() == [0, 0]
    np.testing.assert_allclose(added[0], (model().fold_in(mixed) @ ITEMS.T)[1:], rtol=1e-5)


def test_newer_rows_weaken_older_ones() -> None:
    recent = replace(model(), recency=np.array([1], dtype=np.float32))
    history = replace(HISTORIES[0], recency_ranks=np.array([1, 0], dtype=np.int32))
    halved = replace(history, confidences=np.array([0.5, 1], dtype=np.float32))
    np.testing.assert_allclose(recent.fold_in(history), model().fold_in(halved))
    assert not np.allclose(recent.fold_in(history), model().fold_in(history))


def test_whoever_did_something_that_counts_is_known() -> None:
    silent = replace(HISTORIES[0], confidences=np.zeros(2, dtype=np.float32))
    assert is_known(model(), HISTORIES[0])
    assert not is_known(model(), silent)
    assert not is_known(model(), History.empty())


def test_shapes_and_numbers_that_do_not_hold_are_refused() -> None:
    arrays = model().arrays()
    for name in arrays:
        with pytest.raises(ValueError, match="fit together"):
            ImplicitFactorization.from_arrays(
                {**arrays, name: arrays[name].repeat(2, axis=-1)}, HISTORIES
            )
    with pytest.raises(ValueError, match="no finite number"):
        replace(model(), gram=np.full((2, 2), np.nan, dtype=np.float32))
