import numpy as np
import pytest

from services.trainer.segments.clustering import find_groups
from shared.arrays.types import Float32

Points = Float32


def clouds(sizes: list[int], apart: float, axes: int = 8) -> Points:
    """Gaussian clouds of deviation 1 around corners that are `apart` from one another."""
    rng = np.random.default_rng(3)
    corners = np.eye(axes)[: len(sizes)] * apart / np.sqrt(2)
    centres = np.repeat(corners, sizes, axis=0)
    return (centres + rng.standard_normal(centres.shape)).astype(np.float32)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize("groups", [2, 3, 5, 8])
def test_separate_clouds_are_the_groups(groups: int) -> None:
    sizes = [40 + 10 * group for group in range(groups)]
    found = find_groups(clouds(sizes, apart=10), rng())
    expected = np.repeat(np.arange(groups)[::-1], sizes)  # the largest is the first
    assert found.labels.tolist() == expected.tolist()
    assert found.stability.min() > 0.99
    assert found.certainty.min() > 0


@pytest.mark.parametrize("stretch", [1, 2, 4])
def test_one_cloud_is_one_group_however_long_it_is(stretch: float) -> None:
    cloud = clouds([600], apart=0)
    cloud[:, 0] *= stretch
    found = find_groups(cloud, rng())
    assert found.n_groups == 1
    assert not found.labels.any()


def test_a_user_between_two_groups_is_uncertain() -> None:
    points = clouds([100, 100], apart=20)
    middle = (points[:100].mean(axis=0) + points[100:].mean(axis=0)) / 2
    found = find_groups(np.vstack([points, middle]), rng())
    assert found.certainty[-1] < 0.1
    assert np.median(found.certainty) > 0.8


def test_groups_are_in_order_of_size_then_of_their_first_member() -> None:
    points = clouds([60, 60, 90], apart=20)
    labels = find_groups(points, rng()).labels
    assert [labels[0], labels[60], labels[120]] == [1, 2, 0]


def test_equal_points_and_seed_give_equal_groups() -> None:
    points = clouds([50, 60, 70], apart=4)
    first, second = find_groups(points, rng()), find_groups(points, rng())
    assert np.array_equal(first.labels, second.labels)
    assert np.array_equal(first.certainty, second.certainty)
    assert first.scores == second.scores


@pytest.mark.parametrize(
    "points",
    [
        np.empty((0, 8)),
        np.zeros((1, 8)),
        np.zeros((2, 8)),
        np.array([[0.0], [1.0]]),
        np.ones((500, 3)),
        np.repeat([[0.5, 0.25]], 100, axis=0),
    ],
)
def test_few_or_equal_points_are_one_group(points: Points) -> None:
    found = find_groups(points.astype(np.float32), rng())
    assert found.n_groups == 1
    assert found.labels.tolist() == [0] * len(points)
    assert found.certainty.tolist() == [1] * len(points)


def test_points_that_coincide_in_two_places_are_two_groups() -> None:
    points = np.repeat([[0.0, 1.0], [1.0, 0.0]], [30, 20], axis=0).astype(np.float32)
    found = find_groups(points, rng())
    assert found.labels.tolist() == [0] * 30 + [1] * 20
    assert found.certainty.tolist() == [1] * 50


def test_groups_that_are_only_of_equally_active_users_are_none() -> None:
    points = clouds([150, 150], apart=10)
    activity = np.arange(300) + 5
    assert find_groups(points, rng(), activity=activity).n_groups == 1
    mixed = rng().permutation(activity)
    assert find_groups(points, rng(), activity=mixed).n_groups == 2


def test_no_more_groups_than_asked_for_are_found() -> None:
    assert find_groups(clouds([60] * 4, apart=20), rng(), max_groups=3).n_groups <= 3
