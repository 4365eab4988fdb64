import numpy as np

from services.trainer.data.item_sets import ItemSets
from tests.trainer.sets import mask, rows_of, sets


def test_pairs_become_sets_in_any_order_and_once() -> None:
    users, items = np.array([2, 0, 2, 0, 2]), np.array([5, 9, 1, 0, 5])
    found = ItemSets.from_pairs(users, items, 4)
    assert rows_of(found) == [[0, 9], [], [1, 5], []]
    assert found.sizes().tolist() == [2, 0, 2, 0]
    assert found.popularity(10).tolist() == [1, 1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_pairs_of_small_integer_types_do_not_overflow() -> None:
    users, items = np.array([100_000], dtype=np.int32), np.array([100_000], dtype=np.int32)
    assert ItemSets.from_pairs(users, items, 100_001).owners().tolist() == [100_000]


def test_sets_of_some_users_come_in_the_order_asked() -> None:
    found = sets([1, 2], [], [7], [3, 4, 5]).of(np.array([3, 1, 0, 3]))
    assert rows_of(found) == [[3, 4, 5], [], [1, 2], [3, 4, 5]]


def test_sets_within_a_slice_of_items_keep_their_users() -> None:
    assert rows_of(sets([0, 2], [1], [2]).within(mask(1, 0, 1))) == [[0, 2], [], [2]]
