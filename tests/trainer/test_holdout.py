import numpy as np

from services.trainer.holdout import has_times, last_in_time, last_of_each_user
from services.trainer.ratings import Ratings


def ratings_at(users: list[int], times: list[int]) -> Ratings:
    count = len(users)
    return Ratings(
        np.array(users, dtype=np.int32),
        np.arange(count, dtype=np.int32),
        np.full(count, 3, dtype=np.float32),
        np.array(times, dtype=np.int64),
        (max(users) + 1, count),
        (1, 5),
    )


def test_the_last_tenth_of_each_user_is_held_out() -> None:
    users = [0] * 20 + [1] * 10 + [2] * 4
    times = [*range(20, 0, -1), *range(100, 110), *range(4)]
    mask = last_of_each_user(ratings_at(users, times), 0.1, np.random.default_rng(0))
    assert np.flatnonzero(mask).tolist() == [0, 1, 29]


def test_rows_in_any_order_give_the_same_split() -> None:
    rng = np.random.default_rng(5)
    users = rng.integers(0, 9, size=300)
    times = rng.permutation(300)
    ratings = ratings_at(users.tolist(), times.tolist())
    mask = last_of_each_user(ratings, 0.2, np.random.default_rng(0))
    shuffled = rng.permutation(300)
    again = ratings_at(users[shuffled].tolist(), times[shuffled].tolist())
    assert set(times[mask]) == set(
        times[shuffled][last_of_each_user(again, 0.2, np.random.default_rng(1))]
    )


def test_equal_times_are_split_at_random_not_by_row() -> None:
    ratings = ratings_at([0] * 1000, [7] * 1000)
    first = last_of_each_user(ratings, 0.1, np.random.default_rng(1))
    second = last_of_each_user(ratings, 0.1, np.random.default_rng(2))
    assert first.sum() == second.sum() == 100
    assert 300 < np.flatnonzero(first).mean() < 700
    assert not np.array_equal(first, second)


def test_one_rating_stays_in_training() -> None:
    ratings = ratings_at([0, 1], [1, 2])
    assert not last_of_each_user(ratings, 0.1, np.random.default_rng(0)).any()


def test_global_time_keeps_equal_times_together() -> None:
    ratings = ratings_at([0] * 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 9])
    assert np.flatnonzero(last_in_time(ratings, 0.3)).tolist() == [7, 8, 9]
    assert not last_in_time(ratings_at([0, 1, 2], [4, 4, 4]), 0.3).any()


def test_times_are_told_from_one_moment_of_import() -> None:
    assert has_times(ratings_at([0, 0, 1, 1], [1, 2, 3, 3])) is False
    assert has_times(ratings_at([0, 0, 1, 1, 2, 2], [1, 2, 3, 4, 5, 5]))
    assert not has_times(ratings_at([0, 0, 1], [8, 8, 8]))
    assert not has_times(ratings_at([0, 1], [1, 2]))
