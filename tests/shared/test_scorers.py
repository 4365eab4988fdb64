import numpy as np
import pytest

from shared.scorers import MatrixFactorization, Popularity


def model() -> MatrixFactorization:
    return MatrixFactorization(
        mean=np.array([3], dtype=np.float32),
        user_bias=np.array([0.5, -0.5], dtype=np.float32),
        item_bias=np.array([0, 0.25, 1], dtype=np.float32),
        user_factors=np.array([[1, 0], [0, 2]], dtype=np.float32),
        item_factors=np.array([[1, 1], [0, 1], [2, 0]], dtype=np.float32),
    )


def test_a_score_is_the_sum_of_its_parts() -> None:
    assert model().score(0).tolist() == [4.5, 3.75, 6.5]
    assert model().score(1).tolist() == [4.5, 4.75, 3.5]


def test_a_stranger_gets_what_is_known_of_the_items() -> None:
    assert model().score(-1).tolist() == [3, 3.25, 4]


def test_a_user_of_whom_nothing_was_rated_is_not_known() -> None:
    arrays = model().arrays()
    silent = MatrixFactorization.from_arrays(
        {
            **arrays,
            "user_bias": np.array([0, 0.1], dtype=np.float32),
            "user_factors": np.zeros((2, 2), dtype=np.float32),
        }
    )
    assert [silent.knows(user) for user in (-1, 0, 1)] == [False, False, True]
    assert model().knows(0)


def test_rate_agrees_with_score_and_takes_what_is_known() -> None:
    users, items = np.array([0, 1, -1, 0, -1]), np.array([2, 1, 2, -1, -1])
    assert model().rate(users, items).tolist() == [6.5, 4.75, 4, 3.5, 3]


def test_shapes_that_do_not_fit_are_refused() -> None:
    arrays = model().arrays()
    for name in ("mean", "user_bias", "item_bias", "user_factors", "item_factors"):
        with pytest.raises(ValueError, match="fit together"):
            MatrixFactorization.from_arrays({**arrays, name: arrays[name].repeat(2, axis=-1)})
    with pytest.raises(ValueError, match="holds float64"):
        MatrixFactorization.from_arrays({**arrays, "mean": np.array([3.0])})
    with pytest.raises(KeyError, match="mean"):
        MatrixFactorization.from_arrays({})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    arrays = model().arrays()
    with pytest.raises(ValueError, match="no finite number"):
        MatrixFactorization.from_arrays(
            {**arrays, "item_bias": np.array([0, value, 0], dtype=np.float32)}
        )


def test_popularity_is_the_same_for_everyone() -> None:
    popularity = Popularity(np.array([1, 5], dtype=np.float32))
    assert popularity.score(-1) is popularity.score(7)
    assert Popularity.from_arrays(popularity.arrays()).score(0).tolist() == [1, 5]
