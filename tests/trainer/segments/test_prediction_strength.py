import numpy as np
import pytest

from services.trainer.segments.prediction_strength import prediction_strength


def test_prediction_strength_is_that_of_the_worst_group() -> None:
    own = np.array([0, 0, 0, 1, 1, 1, 1])
    assert prediction_strength(own, own, 2) == 1
    assert prediction_strength(own, 1 - own, 2) == 1
    predicted = np.array([0, 0, 0, 1, 1, 0, 0])  # two of the second group's six pairs stay
    assert prediction_strength(own, predicted, 2) == pytest.approx(1 / 3)
    assert prediction_strength(np.array([0, 0, 1]), np.array([0, 0, 1]), 2) == 0
