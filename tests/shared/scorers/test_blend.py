import numpy as np
import pytest

from shared.scorers import Blend, ImplicitFactorization, ItemWeights
from shared.scorers.choice import is_known
from shared.scorers.histories import History
from tests.shared.histories import rated_histories

NO_RECENCY = np.array([np.inf], dtype=np.float32)
HISTORIES = rated_histories([(0, 5.0)], [(1, 3.0)])
FACTORS = ImplicitFactorization(
    user_factors=np.array([[1], [-2]], dtype=np.float32),
    item_factors=np.array([[0], [3], [6]], dtype=np.float32),
    gram=np.eye(1, dtype=np.float32),
    penalty=np.ones(2, dtype=np.float32),
    recency=NO_RECENCY,
)
ITEMS = ItemWeights(
    np.array([[0, 8, 4], [1, 0, 1], [0, 0, 0]], dtype=np.float32), NO_RECENCY, HISTORIES
)


def test_scores_are_standardized_before_they_are_added() -> None:
    blend = Blend(FACTORS, ITEMS)
    unit = 1.5**0.5  # 0, 3, 6 and 0, 8, 4 alike
    expected = np.array([-unit, 0, unit]) + 0.5 * np.array([-unit, unit, 0])
    np.testing.assert_allclose(blend.score(blend.vectors(np.array([0])))[0], expected, rtol=1e-6)


def test_who_says_nothing_scores_nothing() -> None:
    blend = Blend(FACTORS, ITEMS)
    assert blend.score(blend.fold_in(History.empty())[None]).tolist() == [[0, 0, 0]]
    known = [is_known(blend, history) for history in (HISTORIES[0], History.empty())]
    assert known == [True, False]


def test_deviations_are_standardized_as_scores_are() -> None:
    blend, history = Blend(FACTORS, ITEMS), HISTORIES[1]
    by_factors = FACTORS.score_std(history) / FACTORS.score(FACTORS.fold_in(history)[None]).std()
    by_items = np.array([1, 0, 1]) / np.array([1, 0, 1]).std()
    expected = np.sqrt(by_factors**2 + (0.5 * by_items) ** 2)
    np.testing.assert_allclose(blend.score_std(history), expected, rtol=1e-5)
    assert blend.score_std(History.empty()).tolist() == [0, 0, 0]


def test_parts_of_different_catalogues_are_refused() -> None:
    with pytest.raises(ValueError, match="different items"):
        Blend(FACTORS, ItemWeights(np.zeros((2, 2), dtype=np.float32), NO_RECENCY, HISTORIES))
