import numpy as np

from services.trainer.segments.k_means import assign, k_means


def test_k_means_comes_to_the_means() -> None:
    points = np.array([[0.0], [2.0], [10.0], [12.0]])
    centres = k_means(points, 2, np.random.default_rng(7))
    assert sorted(centres.ravel().tolist()) == [1, 11]
    assert len(set(assign(points, centres)[:2])) == 1
