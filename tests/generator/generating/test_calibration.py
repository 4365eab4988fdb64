import numpy as np
import pytest

from services.generator.generating.calibration import MEAN_RATING
from services.generator.generating.size import Size
from tests.generator.world import World, make_world


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_groups_give_the_promised_mean_rating(seed: int) -> None:
    world = make_world(Size(1000, 600, 50_000), seed)
    for group, mean in {"tech": 4.0, "fashion": 4.2, "sport": 3.8}.items():
        given = world.interactions.ratings[world.rows_groups == group]
        assert given.mean() == pytest.approx(mean, abs=0.03)


def test_the_expected_means_are_met_exactly(world: World) -> None:
    rows = world.interactions
    expected = world.truth.expected_rating(rows.user_indices, rows.item_indices)
    for group, mean in MEAN_RATING.items():
        assert expected[world.rows_groups == group].mean() == pytest.approx(mean, abs=1e-4)


def test_they_are_met_over_many_blocks_of_users_too() -> None:
    world = make_world(Size(6_000, 900, 80_000))
    for group, mean in MEAN_RATING.items():
        given = world.interactions.ratings[world.rows_groups == group]
        assert np.mean(given) == pytest.approx(mean, abs=0.03)
