import numpy as np

from shared.scorers import ridge


def test_fold_in_is_the_minimum_of_its_loss() -> None:
    rng = np.random.default_rng(1)
    features, targets = rng.normal(size=(5, 3)), rng.normal(size=5)
    confidences, mean = rng.uniform(0.5, 2, size=5), rng.normal(size=3)
    precision = np.cov(rng.normal(size=(3, 9))) + np.eye(3)

    def loss(x: np.ndarray) -> float:
        error = targets - features @ x
        return float(confidences @ error**2 + (x - mean) @ precision @ (x - mean))

    solution = ridge.fold_in(features, targets, precision, confidences=confidences, mean=mean)
    for step in np.concatenate([np.eye(3), -np.eye(3)]) * 1e-3:
        assert loss(solution + step) > loss(solution)


def test_without_rows_it_is_the_mean() -> None:
    nothing, mean = np.empty((0, 2), dtype=np.float32), np.array([1, -2], dtype=np.float32)
    solution = ridge.fold_in(nothing, nothing[:, 0], np.eye(2, dtype=np.float32), mean=mean)
    np.testing.assert_allclose(solution, mean)


def test_variances_are_those_of_the_inverse_precision() -> None:
    precision = np.array([[2, 1], [1, 1]])  # its inverse is 1, -1 and -1, 2
    features = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    np.testing.assert_allclose(ridge.variances(precision, features), [1, 2, 1, 0], atol=1e-12)


def test_what_rows_add_is_what_they_would_bring_with_targets_of_their_own() -> None:
    rng = np.random.default_rng(5)
    features, targets, directions = (
        rng.normal(size=(5, 3)),
        rng.normal(size=5),
        rng.normal(size=(2, 3)),
    )
    confidences = rng.uniform(0.5, 2, size=5)
    given = {"precision": np.eye(3), "confidences": confidences}
    added = ridge.contributions(features, targets, directions=directions, **given)
    for row in range(5):
        alone = ridge.fold_in(features, targets * (np.arange(5) == row), **given)
        np.testing.assert_allclose(added[row], directions @ alone)


def test_many_priors_are_solved_at_once() -> None:
    rng = np.random.default_rng(2)
    features, targets = rng.normal(size=(4, 6, 2)), rng.normal(size=(4, 6))
    precision = np.stack([np.eye(2) * scale for scale in (1, 2, 3, 4)])
    together = ridge.fold_in(features, targets, precision)
    for sample in range(4):
        alone = ridge.fold_in(features[sample], targets[sample], precision[sample])
        np.testing.assert_allclose(together[sample], alone)
