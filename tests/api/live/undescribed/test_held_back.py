"""What nobody described waits for people."""

from dataclasses import replace

import numpy as np
import pytest

from services.api.live.catalogue import Catalogue, CatalogueChange, ItemRow
from services.api.live.trend import Trend
from services.api.live.undescribed.held_back import NOTHING_HELD_BACK, UndescribedItems
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import Version
from tests.api.small_version import FASHION_FANS


def without_words(version: Version, *items: str) -> Version:
    """The version as if nobody had described these items."""
    content = version.content
    blank = [content.items.find(item) for item in items]
    texts = (
        TextColumn.of("" if index in blank else text for index, text in enumerate(column))
        for column in (content.titles, content.categories)
    )
    titles, categories = texts
    return replace(version, content=replace(content, titles=titles, categories=categories))


@pytest.fixture
def catalogue(small: Version) -> Catalogue:
    """FASH1001 is known by all fans of fashion, FASH1019 by nobody; `typo` came since."""
    version = without_words(small, "FASH1001", "FASH1019")
    rows = [ItemRow("typo", "", (), {}, True), ItemRow("priced", "", (), {"price": 3}, True)]
    return Catalogue.of(version).after(CatalogueChange(1, rows))


def held_back(catalogue: Catalogue, needed: int, **users: int) -> set[str]:
    mask = UndescribedItems(needed).held_back(catalogue, Trend({}, (), users)).mask
    return set() if mask is None else {catalogue.item_id(i) for i in np.flatnonzero(mask).tolist()}


def test_what_too_few_people_used_is_held_back(catalogue: Catalogue) -> None:
    assert held_back(catalogue, 2) == {"FASH1019", "typo"}
    assert held_back(catalogue, 2, typo=1, FASH1019=1, elsewhere=5) == {"FASH1019", "typo"}
    assert held_back(catalogue, 2, typo=2, FASH1019=1) == {"FASH1019"}


def test_people_of_the_training_and_those_since_add_up(catalogue: Catalogue) -> None:
    fans = len(FASHION_FANS)
    assert "FASH1001" not in held_back(catalogue, fans)
    assert "FASH1001" in held_back(catalogue, fans + 1)
    assert "FASH1001" not in held_back(catalogue, fans + 1, FASH1001=1)


@pytest.mark.parametrize("needed", [0, 1])
def test_nothing_is_held_back_where_nobody_is_needed(catalogue: Catalogue, needed: int) -> None:
    assert held_back(catalogue, needed) == set()


def test_a_description_is_enough(catalogue: Catalogue) -> None:
    rows = [ItemRow("typo", "A title", (), {}, True), ItemRow("FASH1019", "", ("FASH",), {}, True)]
    assert held_back(catalogue.after(CatalogueChange(2, rows)), 2) == set()


def test_nothing_is_held_back_of_a_catalogue_that_is_described(small: Version) -> None:
    assert UndescribedItems(2).held_back(Catalogue.of(small), Trend({})) is NOTHING_HELD_BACK


def test_the_mark_is_equal_for_what_is_held_back_alike(catalogue: Catalogue) -> None:
    undescribed = UndescribedItems(2)
    marks = [
        undescribed.held_back(catalogue, Trend({}, (), users)).mark
        for users in ({}, {"typo": 1}, {"typo": 2}, {"typo": 3})
    ]
    assert marks[0] == marks[1] != marks[2] == marks[3]


def test_how_many_people_there_are(catalogue: Catalogue) -> None:
    found = UndescribedItems(2).held_back(catalogue, Trend({}, (), {"typo": 1}))
    assert found.users_of(catalogue.find("typo")) == 1
    assert found.users_of(catalogue.find("FASH1001")) == len(FASHION_FANS)
    offered = found.offered(catalogue)
    assert not offered[catalogue.find("typo")]
    assert offered[catalogue.find("priced")]
