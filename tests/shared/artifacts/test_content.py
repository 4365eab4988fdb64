from dataclasses import replace

import pytest

from tests.shared.histories import rated_histories
from tests.shared.published import content


def test_parts_that_do_not_fit_are_refused() -> None:
    two, three = content(items=2), content(items=3)
    for field in ("titles", "is_active", "item_features", "popularity", "lifts", "models"):
        with pytest.raises(ValueError, match=r"fit|another number"):
            replace(three, **{field: getattr(two, field)})


@pytest.mark.parametrize("item", [3, -1])
def test_a_history_of_items_that_are_not_there_is_refused(item: int) -> None:
    with pytest.raises(ValueError, match="items that are not there"):
        replace(content(users=2, items=3), histories=rated_histories([(0, 4.0)], [(item, 4.0)]))


def test_a_model_of_fewer_users_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer users"):
        replace(content(users=2), models=content(users=1).models)
