import re

import pytest

from services.generator.generating.size import Size, SizeError


def test_the_default_is_divided_as_promised() -> None:
    users, items, interactions = Size(1000, 600, 50_000).per_category
    assert users.tolist() == [300, 400, 300]  # fashion, sport, tech
    assert items.tolist() == [200, 200, 200]
    assert interactions.tolist() == [20_000, 10_000, 20_000]


def test_what_does_not_divide_evenly_keeps_its_total() -> None:
    users, items, interactions = Size(17, 100, 251).per_category
    assert (users.sum(), items.sum(), interactions.sum()) == (17, 100, 251)
    assert users.tolist() == [5, 7, 5]
    assert items.tolist() == [34, 33, 33]


def test_with_the_fewest_items_there_is_room_for_any_number_of_users() -> None:
    for users in range(10, 500):
        with pytest.raises(SizeError) as failure:
            Size(users, 36, 1)
        bounds = re.search(r"use (\d+) to (\d+)", str(failure.value))
        assert bounds is not None
        least, most = int(bounds[1]), int(bounds[2])
        assert 9 * users <= least <= most
        Size(users, 36, least)
        Size(users, 36, most)


@pytest.mark.parametrize(
    ("users", "items", "interactions", "message"),
    [
        (9, 600, 50_000, "--users 9 is too small: use 10 or more"),
        (1000, 35, 50_000, "--items 35 is too small: use 36 or more"),
        (1000, 600, 9_999, "--interactions 9999 does not fit 1000 users and 600 items: use 10000"),
        (1000, 600, 200_001, "use 10000 to 200000"),
        (-1, 600, 50_000, "--users -1"),
    ],
)
def test_wrong_sizes_are_refused_in_words(
    users: int, items: int, interactions: int, message: str
) -> None:
    with pytest.raises(SizeError, match=re.escape(message)):
        Size(users, items, interactions)
