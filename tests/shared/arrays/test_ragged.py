import numpy as np
import pytest

from shared.arrays.ragged import Ragged

SIZES = [2, 0, 3, 1]


def test_sizes_offsets_and_owners_say_the_same() -> None:
    ragged = Ragged.from_sizes(SIZES)
    assert len(ragged) == 4
    assert ragged.offsets.tolist() == [0, 2, 2, 5, 6]
    assert ragged.sizes().tolist() == SIZES
    assert ragged.owners(np.int32).tolist() == [0, 0, 2, 2, 2, 3]
    assert ragged.owners(np.int32).dtype == np.int32
    assert Ragged.from_owners(ragged.owners(np.int64), 4).offsets.tolist() == [0, 2, 2, 5, 6]


def test_groups_without_rows_at_the_end_are_counted() -> None:
    assert Ragged.from_owners(np.array([1]), 3).sizes().tolist() == [0, 1, 0]


def test_some_groups_keep_their_rows_in_the_order_asked_for() -> None:
    taken, rows = Ragged.from_sizes(SIZES).take(np.array([2, 1, 0, 2]))
    assert taken.sizes().tolist() == [3, 0, 2, 3]
    assert rows.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]


def test_no_groups_have_no_rows() -> None:
    nothing = Ragged.from_sizes([])
    assert nothing.offsets.tolist() == [0]
    assert nothing.offsets.dtype == np.int64
    assert len(nothing.owners(np.int64)) == 0
    assert len(Ragged.from_sizes(SIZES).take(np.array([], dtype=np.int64))[1]) == 0


@pytest.mark.parametrize("offsets", [[], [1, 3], [0, 2], [0, 4, 3], [[0, 3]]])
def test_offsets_that_do_not_rise_to_the_rows_do_not_fit(offsets: list[int]) -> None:
    assert not Ragged(np.array(offsets, dtype=np.int64)).fits(3)
    assert Ragged(np.array([0, 0, 3])).fits(3)
