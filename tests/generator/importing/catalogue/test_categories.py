from collections.abc import Sequence

import pytest

from services.generator.importing.catalogue.categories import CategoryReader, CategorySurvey
from services.generator.importing.reading.cells import BadCell


def reader_of(cells: Sequence[str], separator: str | None = None) -> CategoryReader:
    survey = CategorySurvey()
    survey.add(cells)
    return survey.decided(separator)


def read(cells: Sequence[str], separator: str | None = None) -> list[list[str]]:
    reader = reader_of(cells, separator)
    return [reader.read(cell) for cell in cells]


def test_a_pipe_always_stands_between_names() -> None:
    assert read(["Action|Comedy", "Drama", ""]) == [["Action", "Comedy"], ["Drama"], []]


def test_commas_do_where_their_parts_recur() -> None:
    cells = ["Shoes, Sale", "Shoes, Men", "Sale, Men", "Men"]
    assert read(cells) == [["Shoes", "Sale"], ["Shoes", "Men"], ["Sale", "Men"], ["Men"]]
    assert "6 of the 6 parts of such cells are parts of others too" in reader_of(cells).words


def test_a_name_with_a_comma_is_one_name() -> None:
    cells = ["Toys, Games & Books", "Toys, Games & Books", "Home, Garden", "Music"]
    assert read(cells) == [
        ["Toys, Games & Books"],
        ["Toys, Games & Books"],
        ["Home, Garden"],
        ["Music"],
    ]


def test_what_somebody_says_goes_before_it() -> None:
    assert read(["a, b"], ",") == [["a", "b"]]
    assert read(["a/b"], "/") == [["a", "b"]]
    assert read(["Shoes, Sale", "Shoes, Men", "Sale, Men"], "none")[0] == ["Shoes, Sale"]


def test_json_lists_are_lists() -> None:
    assert read(['["a, b", "c"]', "[]", ""]) == [["a, b", "c"], [], []]


def test_each_level_of_a_breadcrumb_is_a_category_but_the_first_of_all() -> None:
    assert read(["Home > Shoes > Sneakers", "Home > Hats", "Home"]) == [
        ["Shoes", "Sneakers"],
        ["Hats"],
        [],
    ]
    assert "but 'Home', with which every breadcrumb begins" in reader_of(["Home > A"]).words
    assert read(["Men > Shoes", "Women > Shoes"]) == [["Men", "Shoes"], ["Women", "Shoes"]]


def test_lists_of_breadcrumbs() -> None:
    assert read(["Shop > Hats, Shop > Gifts", "Shop > Hats", "Shop > Gifts"]) == [
        ["Hats", "Gifts"],
        ["Hats"],
        ["Gifts"],
    ]


def test_no_name_comes_twice_and_movielens_none_is_none() -> None:
    assert read(["a|a|b", "(no genres listed)"]) == [["a", "b"], []]


@pytest.mark.parametrize(
    ("cell", "separator", "reason"),
    [
        ("x" * 201, None, "has more than 200 characters"),
        ("a|b", ",", "holds |"),
        (",".join(map(str, range(101))), ",", "101 categories, at most 100"),
    ],
)
def test_what_cannot_be_categories(cell: str, separator: str | None, reason: str) -> None:
    with pytest.raises(BadCell) as caught:
        reader_of([cell], separator).read(cell)
    assert reason in caught.value.problem.reason
