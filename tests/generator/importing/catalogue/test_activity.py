import pytest

from services.generator.importing.catalogue.activity import ActivityReader
from services.generator.importing.reading.cells import BadCell


@pytest.mark.parametrize(
    "text",
    [
        *("1", "true", "TRUE", "Yes", "active", "published", "in stock", "in_stock", "InStock"),
        *("https://schema.org/InStock", "onbackorder", "preorder", "17", "2.5", "ja", "verfügbar"),
    ],
)
def test_true(text: str) -> None:
    assert ActivityReader().read(text) is True


@pytest.mark.parametrize(
    "text",
    [
        *("0", "false", "No", "draft", "private", "archived", "Out of stock", "out_of_stock"),
        *("outofstock", "sold out", "discontinued", "-1", "0.0", "nein", "ausverkauft", "hidden"),
        "https://schema.org/OutOfStock",
    ],
)
def test_false(text: str) -> None:
    assert ActivityReader().read(text) is False


def test_an_empty_cell_says_nothing() -> None:
    assert ActivityReader().read(" ") is None
    assert ActivityReader().unknown(["", "1", "yes"]) == []


def test_words_that_nobody_knows() -> None:
    reader = ActivityReader()
    assert reader.unknown(["spring", "yes", "autumn"]) == ["autumn", "spring"]
    with pytest.raises(BadCell, match="active 'spring' is neither known as true nor as false"):
        reader.read("spring")


def test_named_words_are_false_and_all_others_true() -> None:
    reader = ActivityReader(["Spring", "live"])
    assert [reader.read(text) for text in ("spring", "live", "autumn", "draft")] == [
        *(False, False, True, False)
    ]
