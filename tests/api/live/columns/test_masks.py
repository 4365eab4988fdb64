"""Filters over random catalogues say what plain Python says, whatever has been written since."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.live.catalogue import Catalogue, CatalogueChange, ItemRow
from services.api.problems import WrongFilter
from services.api.schemas.filters.conditions import AttributeCondition
from services.api.schemas.filters.grammar import parse_filter
from shared.database.timestamps import iso_ms
from tests.api.live.columns.plain_filters import fulfils
from tests.api.small_version import FASHION_ITEMS, TECH_ITEMS
from tests.properties import checked

TRAINED = sorted(FASHION_ITEMS + TECH_ITEMS)
NAMES = ["price", "size", "brand"]
CATEGORIES = ["FASH", "TECH", "sale"]

texts = st.sampled_from(["red", "blue", "true", "1", "2024-01-31", "2024-02-01T12:00:00Z", "é"])
numbers = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, -0.0, 1e300, 2**53]))
scalars = st.one_of(texts, numbers, st.booleans())
values = st.one_of(
    scalars, st.none(), st.just(""), st.lists(scalars, max_size=3), st.just({"deep": 1})
)
rows = st.builds(
    ItemRow,
    item_id=st.sampled_from([*TRAINED[::4], "new 1", "new 2", "new 3"]),
    title=st.sampled_from(["", "a title"]),
    categories=st.lists(st.sampled_from(CATEGORIES), unique=True, max_size=2).map(tuple),
    attributes=st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
    is_active=st.booleans(),
    created_at=st.one_of(st.none(), st.integers(0, 2**42)),
)
revisions = st.lists(st.lists(rows, max_size=8), min_size=1, max_size=3)
names = st.lists(st.sampled_from([*CATEGORIES, "none such"]), min_size=1, max_size=3)
sought = st.lists(scalars, min_size=1, max_size=7)
days = st.sampled_from(["2024-01-30", "2024-01-31", "2024-02-01"])


def ranges(ends: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """With one end or two, in order."""
    both = st.tuples(ends, ends).map(lambda pair: {"min": min(pair), "max": max(pair)})
    return st.one_of(both, ends.map(lambda end: {"min": end}), ends.map(lambda end: {"max": end}))


operators = st.fixed_dictionaries(
    {}, optional={"in": sought, "not_in": sought, "present": st.booleans()}
)
conditions = st.one_of(
    scalars,
    st.tuples(operators, st.one_of(st.just({}), ranges(numbers), ranges(days)))
    .map(lambda parts: {**parts[0], **parts[1]})
    .filter(bool),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "categories": st.dictionaries(st.sampled_from(["any", "all", "none"]), names, min_size=1),
        "attributes": st.dictionaries(st.sampled_from(NAMES), conditions, max_size=3),
    },
)


def known_all(catalogue: Catalogue) -> Catalogue:
    """With an item that has every attribute in every type, so that no filter is refused."""
    every: list[Any] = ["everything", 99, "2020-01-01", True]
    row = ItemRow("everything", "", ("other",), dict.fromkeys(NAMES, every), True)
    return catalogue.after(CatalogueChange(1, [row]))


@checked
@given(revisions=revisions, asked=st.lists(filters, min_size=1, max_size=4), first=filters)
def test_masks_are_what_plain_python_says(
    small_catalogue: Catalogue,
    revisions: list[list[ItemRow]],
    asked: list[dict[str, Any]],
    first: dict[str, Any],
) -> None:
    catalogue = known_all(small_catalogue)
    catalogue.matching(parse_filter(first))  # its columns are made now and follow from here
    for number, changed in enumerate(revisions, start=2):
        catalogue = catalogue.after(CatalogueChange(number, changed))
    for one in [first, *asked]:
        mask = catalogue.matching(parse_filter(one))
        expected = [
            fulfils(one, catalogue.categories.of_item(item), catalogue.attributes.of(item))
            for item in range(len(catalogue))
        ]
        assert mask.tolist() == expected


@checked
@given(revisions=revisions)
def test_a_catalogue_that_followed_is_one_that_is_read_at_once(
    small_catalogue: Catalogue, revisions: list[list[ItemRow]]
) -> None:
    step_by_step = known_all(small_catalogue)
    step_by_step.matching(parse_filter({"attributes": {"price": 1, "size": {"present": True}}}))
    for number, changed in enumerate(revisions, start=2):
        step_by_step = step_by_step.after(CatalogueChange(number, changed))
    last = {row.item_id: row for changed in revisions for row in changed}
    at_once = known_all(small_catalogue).after(CatalogueChange(9, [*last.values()]))
    for item in range(len(at_once)):
        other = step_by_step.find(at_once.item_id(item))
        assert at_once.title(item) == step_by_step.title(other)
        assert at_once.categories.of_item(item) == step_by_step.categories.of_item(other)
        assert at_once.attributes.of(item) == step_by_step.attributes.of(other)
        assert at_once.is_described[item] == step_by_step.is_described[other]
        assert at_once.is_active[item] == step_by_step.is_active[other]
        assert at_once.created_at[item] == step_by_step.created_at[other]
    assert step_by_step.attributes.names == frozenset(NAMES)


@pytest.fixture
def shop(small_catalogue: Catalogue) -> Catalogue:
    """The trained items and one with a price and a brand."""
    row = ItemRow("new", "", (), {"price": 5, "brand": "b", "released": "2024-01-31"}, True)
    return small_catalogue.after(CatalogueChange(1, [row]))


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        (
            {"prize": 5},
            "filter: no item has the attribute 'prize'. There are: brand, price, released.",
        ),
        ({"brand": {"min": 5}}, "no item's 'brand' holds numbers"),
        ({"price": {"max": "2024-01-31"}}, "no item's 'price' holds dates"),
        ({"brand": {"max": "2024-01-31"}}, "no item's 'brand' holds dates"),
    ],
)
def test_what_no_item_has_is_refused(
    shop: Catalogue, attributes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WrongFilter) as refused:
        shop.matching(parse_filter({"attributes": attributes}))
    assert sentence in str(refused.value)


def test_without_attributes_a_refusal_says_so(small_catalogue: Catalogue) -> None:
    with pytest.raises(WrongFilter, match=r"'price'\. No item has any"):
        small_catalogue.matching(parse_filter({"attributes": {"price": 5}}))


def test_an_attribute_that_the_last_item_lost_is_known_on(shop: Catalogue) -> None:
    cheap = parse_filter({"attributes": {"price": {"max": 9}}})
    assert np.flatnonzero(shop.matching(cheap)).tolist() == [40]
    lost = shop.after(CatalogueChange(2, [ItemRow("new", "t", (), {}, True)]))
    assert not lost.matching(cheap).any()


def test_a_filter_is_held_against_a_revision_once(shop: Catalogue) -> None:
    asked = {"attributes": {"price": 5}}
    mask = shop.matching(parse_filter(asked))
    assert shop.matching(parse_filter(asked)) is mask
    assert shop.matching(parse_filter({"attributes": {"price": 5.5}})) is not mask
    true, one = ({"attributes": {"price": value}} for value in (True, 1))
    assert shop.matching(parse_filter(true)) is not shop.matching(parse_filter(one))


def test_columns_that_were_asked_for_least_lately_go_first(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.api.live.columns.attributes.COLUMN_BYTES", 0)
    brand = shop.attributes.column("brand")
    price = shop.attributes.column("price")
    assert shop.attributes.column("price") is price
    assert shop.attributes.column("brand") is not brand


@pytest.mark.parametrize("day", ["2024-01-31", "20240131", "2024-W05-3"])
def test_a_day_as_the_end_of_a_range_counts_whole(day: str) -> None:
    [condition] = parse_filter({"attributes": {"released": {"max": day}}}).conditions
    assert isinstance(condition, AttributeCondition)
    assert condition.bounds is not None
    assert condition.bounds.high == iso_ms("2024-01-31T23:59:59.999Z")
