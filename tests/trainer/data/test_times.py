import numpy as np
from numpy.typing import NDArray

from services.trainer.data.times import has_times
from shared.scorers.histories import NO_TIME


def users_of(*users: int) -> NDArray[np.int32]:
    return np.array(users, dtype=np.int32)


def at(*times: int) -> NDArray[np.int64]:
    return np.array(times, dtype=np.int64)


def test_times_are_told_from_one_moment_of_import() -> None:
    assert not has_times(users_of(0, 0, 1, 1), at(1, 2, 3, 3))
    assert has_times(users_of(0, 0, 1, 1, 2, 2), at(1, 2, 3, 4, 5, 5))
    assert not has_times(users_of(0, 0, 1), at(8, 8, 8))
    assert has_times(users_of(0, 1), at(1, 2))
    assert not has_times(users_of(0, 1), at(2, 2))
    assert has_times(users_of(0, 0, 1, 2, 3), at(1, 2, 3, 3, 3))


def test_no_rows_have_no_times() -> None:
    assert not has_times(users_of(), at())


def test_what_has_no_time_tells_nothing_of_an_order() -> None:
    assert not has_times(users_of(0, 0, 1), at(NO_TIME, NO_TIME, NO_TIME))
    assert has_times(users_of(0, 0, 0, 1, 1), at(NO_TIME, 1, 2, NO_TIME, NO_TIME))
    assert not has_times(users_of(0, 0, 0, 0), at(NO_TIME, NO_TIME, 5, 5))
