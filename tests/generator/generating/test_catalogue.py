import numpy as np
import pytest

from services.generator.generating.catalogue import CATEGORIES, Category, item_ids, titles, user_ids


def test_ids_have_gaps_and_begin_where_promised() -> None:
    rng = np.random.default_rng(0)
    fashion, sport, tech = CATEGORIES
    assert user_ids(1000, rng)[0] == "U10001"
    assert item_ids(tech, 200, rng)[0] == "TECH1005"
    numbers = [int(item_id.removeprefix("SPRT")) for item_id in item_ids(sport, 200, rng)]
    assert min(np.diff(numbers)) >= 1
    assert max(np.diff(numbers)) > 1
    assert all(item_id.startswith("FASH") for item_id in item_ids(fashion, 200, rng))


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_titles_are_distinct_words(category: Category) -> None:
    made = titles(category, 1_500, np.random.default_rng(0))
    assert len(set(made)) == 1_500
    assert all(len(title.split()) >= 3 for title in made)
