import numpy as np
import pytest
from numpy.typing import NDArray

from services.trainer.splits.holdout import (
    last_in_time,
    last_of_each_user,
    last_rows_of_each_user,
    random,
)
from shared.scorers.histories import NO_TIME


def users_of(*users: int) -> NDArray[np.int32]:
    return np.array(users, dtype=np.int32)


def at(*times: int) -> NDArray[np.int64]:
    return np.array(times, dtype=np.int64)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_last_tenth_of_each_user_is_held_out() -> None:
    users = users_of(*[0] * 20, *[1] * 10, *[2] * 4)
    times = at(*range(20, 0, -1), *range(100, 110), *range(4))
    mask = last_of_each_user(users, times, 0.1, seeded())
    assert np.flatnonzero(mask).tolist() == [0, 1, 29]


def test_halves_of_rows_are_rounded_upwards() -> None:
    users = users_of(*[0] * 5, *[1] * 15, *[2] * 25)
    mask = last_of_each_user(users, np.arange(45), 0.1, seeded())
    assert np.bincount(users[mask]).tolist() == [1, 2, 3]


def test_rows_in_any_order_give_the_same_split() -> None:
    rng = seeded(5)
    users = rng.integers(0, 9, size=300)
    times = rng.permutation(300)
    mask = last_of_each_user(users, times, 0.2, seeded(0))
    shuffled = rng.permutation(300)
    again = last_of_each_user(users[shuffled], times[shuffled], 0.2, seeded(1))
    assert set(times[mask]) == set(times[shuffled][again])


def test_equal_times_are_split_at_random_not_by_row() -> None:
    users, times = users_of(*[0] * 1000), at(*[7] * 1000)
    first = last_of_each_user(users, times, 0.1, seeded(1))
    second = last_of_each_user(users, times, 0.1, seeded(2))
    assert first.sum() == second.sum() == 100
    assert 300 < np.flatnonzero(first).mean() < 700
    assert not np.array_equal(first, second)


def test_only_the_rows_of_the_moment_that_is_cut_are_drawn() -> None:
    users, times = users_of(*[0] * 20), at(*range(15), 50, 50, 50, 50, 60)
    masks = [last_of_each_user(users, times, 0.1, seeded(seed)) for seed in range(50)]
    assert all(mask.sum() == 2 and mask[19] for mask in masks)
    assert {int(np.flatnonzero(mask)[0]) for mask in masks} == {15, 16, 17, 18}


def test_one_row_stays_in_training() -> None:
    assert not last_of_each_user(users_of(0, 1), at(1, 2), 0.1, seeded()).any()


def test_an_index_that_no_row_has_changes_nothing() -> None:
    users = users_of(*[7] * 10, *[3] * 10)
    mask = last_of_each_user(users, np.arange(20), 0.1, seeded())
    assert np.flatnonzero(mask).tolist() == [9, 19]


@pytest.mark.parametrize(("count", "held_out"), [(1, [2, 3]), (2, [1, 2]), (3, [])])
def test_the_last_rows_of_each_user_who_has_more(count: int, held_out: list[int]) -> None:
    users, times = users_of(0, 0, 0, 1, 1, 2), at(3, 5, 9, 8, 2, 4)
    mask = last_rows_of_each_user(users, times, count, seeded())
    assert np.flatnonzero(mask).tolist() == held_out


def test_leaving_one_out_leaves_one_of_the_last_moment_out() -> None:
    users, times = users_of(0, 0, 0, 0), at(1, 6, 6, 6)
    masks = [last_rows_of_each_user(users, times, 1, seeded(seed)) for seed in range(50)]
    assert {tuple(np.flatnonzero(mask).tolist()) for mask in masks} == {(1,), (2,), (3,)}


def test_global_time_keeps_equal_times_together() -> None:
    times = at(1, 2, 3, 4, 5, 6, 7, 8, 9, 9)
    assert np.flatnonzero(last_in_time(times, 0.3)).tolist() == [7, 8, 9]
    assert not last_in_time(at(4, 4, 4), 0.3).any()


def test_a_random_share_of_the_rows_is_the_seeds_own() -> None:
    mask = random(1005, 0.1, seeded(1))
    assert mask.sum() == 101
    assert 300 < np.flatnonzero(mask).mean() < 700
    assert np.array_equal(mask, random(1005, 0.1, seeded(1)))
    assert not np.array_equal(mask, random(1005, 0.1, seeded(2)))


def test_no_rows_have_nothing_to_hold_out() -> None:
    nobody, never = users_of(), at()
    assert last_of_each_user(nobody, never, 0.1, seeded()).shape == (0,)
    assert last_rows_of_each_user(nobody, never, 1, seeded()).shape == (0,)
    assert last_in_time(never, 0.1).shape == (0,)
    assert random(0, 0.1, seeded()).shape == (0,)


def test_rows_without_a_time_are_a_part_of_their_own_held_out_at_random() -> None:
    users = np.repeat(users_of(0, 1), 40)
    times = np.tile(np.append(at(*[NO_TIME] * 20), np.arange(20)), 2)
    masks = [last_of_each_user(users, times, 0.1, seeded(seed)) for seed in range(20)]
    for mask in masks:
        assert np.flatnonzero(mask & (times != NO_TIME)).tolist() == [38, 39, 78, 79]
        assert np.bincount(users[mask & (times == NO_TIME)]).tolist() == [2, 2]
    assert len({tuple(np.flatnonzero(mask)) for mask in masks}) > 15


def test_rows_without_a_time_come_before_all_others() -> None:
    times = at(NO_TIME, 3, NO_TIME, 1, 2)
    assert last_in_time(times, 0.5).tolist() == [False, True, False, False, False]
    assert not last_in_time(at(NO_TIME, NO_TIME), 0.5).any()
    mask = last_rows_of_each_user(users_of(0, 0, 0, 0, 0), times, 2, seeded())
    assert np.flatnonzero(mask).tolist() == [1, 4]
