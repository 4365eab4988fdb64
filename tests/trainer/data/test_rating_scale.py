import numpy as np
import pytest

from services.trainer.data.rating_scale import rating_scale
from shared.database.rating_scale import RatingScale


@pytest.mark.parametrize(
    ("ratings", "declared", "scale"),
    [
        ([np.nan], None, None),
        ([2, 4], None, (2, 4)),
        ([3, 3], None, (1, 5)),
        ([80, 80], None, (1, 80)),
        ([2, 4], (1, 5), (1, 5)),
        ([0, 4], (1, 5), (0, 5)),
        ([3], (0.5, 3.5), (0.5, 3.5)),
    ],
)
def test_the_rating_scale_is_a_fact_of_the_data(
    ratings: list[float],
    declared: tuple[float, float] | None,
    scale: tuple[float, float] | None,
) -> None:
    known = None if declared is None else RatingScale(*declared)
    assert rating_scale(np.array(ratings, dtype=np.float64), known) == scale
