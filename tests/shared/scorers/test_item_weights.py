from dataclasses import replace

import numpy as np
import pytest

from shared.scorers import ItemWeights
from shared.scorers.choice import is_known
from shared.scorers.histories import History
from tests.shared.histories import rated_histories

WEIGHTS = np.array([[0, 1, 2], [3, 0, 4], [5, 6, 0]], dtype=np.float32)
NO_RECENCY = np.array([np.inf], dtype=np.float32)
HISTORIES = rated_histories([(0, 5.0), (2, 4.0)], [(1, 3.0)])


def test_a_score_adds_the_weights_of_a_history() -> None:
    model = ItemWeights(WEIGHTS, NO_RECENCY, HISTORIES)
    assert model.score(model.vectors(np.array([0, 1, -1]))).tolist() == [
        [5, 7, 2],
        [3, 0, 4],
        [0, 0, 0],
    ]
    assert model.score(model.fold_in(HISTORIES[0])[None]).tolist() == [[5, 7, 2]]


def test_confidence_weighs_and_a_dislike_says_nothing() -> None:
    model = ItemWeights(WEIGHTS, NO_RECENCY, HISTORIES)
    mixed = replace(
        HISTORIES[0],
        confidences=np.array([2, 3], dtype=np.float32),
        preferences=np.array([True, False]),
    )
    assert model.score(model.fold_in(mixed)[None]).tolist() == [[0, 2, 4]]
    disliked = replace(mixed, preferences=np.array([False, False]))
    histories = mixed, disliked, History.empty()
    assert [is_known(model, history) for history in histories] == [True, False, False]


def test_deviation_is_that_of_a_poisson_bootstrap() -> None:
    model = ItemWeights(WEIGHTS, NO_RECENCY, HISTORIES)
    weighed = replace(HISTORIES[0], confidences=np.array([2, 1], dtype=np.float32))
    expected = [5, (2**2 + 6**2) ** 0.5, 4]
    np.testing.assert_allclose(model.score_std(weighed), expected, rtol=1e-6)
    times = np.random.default_rng(6).poisson(1, size=(40_000, 2))
    drawn = (times * [2, 1]) @ WEIGHTS[[0, 2]]
    np.testing.assert_allclose(drawn.std(axis=0), expected, rtol=0.02)
    assert model.score_std(History.empty()).tolist() == [0, 0, 0]


def test_a_row_adds_its_weights() -> None:
    model = ItemWeights(WEIGHTS, np.array([2], dtype=np.float32), HISTORIES)
    history = replace(HISTORIES[0], recency_ranks=np.array([2, 0], dtype=np.int32))
    assert model.contributions(history, np.array([2, 1])).tolist() == [[1, 0.5], [0, 6]]


def test_newer_rows_weaken_older_ones() -> None:
    model = ItemWeights(WEIGHTS, np.array([2], dtype=np.float32), HISTORIES)
    history = replace(HISTORIES[0], recency_ranks=np.array([2, 0], dtype=np.int32))
    assert model.fold_in(history).tolist() == [0.5, 0, 1]


def test_weights_that_are_no_square_or_no_numbers_are_refused() -> None:
    for wrong, why in ((WEIGHTS[:2], "no square"), (WEIGHTS * np.nan, "no finite number")):
        with pytest.raises(ValueError, match=why):
            ItemWeights.from_arrays({"weights": wrong, "recency": NO_RECENCY}, HISTORIES)
    with pytest.raises(ValueError, match="recency"):
        ItemWeights(WEIGHTS, NO_RECENCY.repeat(2), HISTORIES)
