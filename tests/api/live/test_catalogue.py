from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.api.live.catalogue import Catalogue, CatalogueChange, ItemRow
from services.api.live.new_items import nearest_items
from shared.artifacts.text_column import TextColumn
from shared.artifacts.versions import Version
from tests.api.small_version import FASHION_ITEMS, INACTIVE, TECH_ITEMS

ITEMS = sorted(FASHION_ITEMS + TECH_ITEMS)


def row(
    item_id: str,
    *categories: str,
    title: str = "",
    attributes: dict[str, Any] | None = None,
    is_active: bool = True,
) -> ItemRow:
    return ItemRow(item_id, title, categories, attributes or {}, is_active)


def in_category(catalogue: Catalogue, *names: str) -> list[int]:
    return np.flatnonzero(catalogue.categories.any_of(names)).tolist()


def test_a_version_alone(small_catalogue: Catalogue) -> None:
    assert len(small_catalogue) == small_catalogue.trained == 40
    assert [small_catalogue.item_id(index) for index in range(40)] == ITEMS
    assert small_catalogue.find_all(["TECH1001", "tech1001", "FASH1001"]).tolist() == [20, -1, 0]
    assert small_catalogue.title(20) == "Title of TECH1001"
    assert small_catalogue.categories.of_item(20) == ["TECH"]
    assert np.flatnonzero(~small_catalogue.is_active).tolist() == [ITEMS.index(INACTIVE)]
    assert in_category(small_catalogue, "FASH") == list(range(20))
    assert small_catalogue.is_described.all()


def test_trained_items_are_revised(small_catalogue: Catalogue) -> None:
    rows = [
        row("TECH1001", "FASH", "other", title="Renamed", is_active=False),
        row(INACTIVE, "TECH"),
    ]
    revised = small_catalogue.after(CatalogueChange(7, rows))
    assert (revised.revision, len(revised)) == (7, 40)
    assert (revised.title(20), revised.categories.of_item(20)) == ("Renamed", ["FASH", "other"])
    assert in_category(revised, "FASH") == [*range(21)]
    assert in_category(revised, "other") == [20]
    assert not revised.is_active[20]
    assert revised.is_active[39]
    assert small_catalogue.is_active[20]  # the one before stays as it was
    again = revised.after(CatalogueChange(8, [row("TECH1001", "TECH", title="Title of TECH1001")]))
    assert (again.title(20), again.is_active[20]) == ("Title of TECH1001", True)
    assert in_category(again, "other") == []
    assert again.categories.of_item(20) == ["TECH"]


def test_what_an_event_registers_says_nothing(small_catalogue: Catalogue) -> None:
    revised = small_catalogue.after(CatalogueChange(7, [row("FASH1001", "x", title="Renamed")]))
    registered = revised.after(CatalogueChange(8, [row("FASH1001")]))
    assert (registered.title(0), registered.categories.of_item(0)) == (
        "Title of FASH1001",
        ["FASH"],
    )
    assert registered.is_described[0]


def test_what_models_learned_of_an_item_describes_it_on(small: Version) -> None:
    """Of a version that holds no attributes themselves, but what was learned from them."""
    nothing = TextColumn.of([""] * 40)
    learned = np.ones((40, 1), dtype=np.float32)
    content = replace(small.content, titles=nothing, categories=nothing, item_features=learned)
    catalogue = Catalogue.of(replace(small, content=content))
    assert catalogue.is_described.all()
    assert catalogue.after(CatalogueChange(1, [row("FASH1001")])).is_described.all()


def test_what_is_cleared_is_gone_but_for_the_title(small_catalogue: Catalogue) -> None:
    cleared = small_catalogue.after(CatalogueChange(7, [row("FASH1001", attributes={"a": 1})]))
    assert cleared.title(0) == "Title of FASH1001"
    assert cleared.categories.of_item(0) == []
    assert in_category(cleared, "FASH") == list(range(1, 20))


def test_new_items_come_after_the_trained_ones(small_catalogue: Catalogue) -> None:
    first = small_catalogue.after(CatalogueChange(1, [row("Z"), row("A", "none before")]))
    assert [first.item_id(index) for index in (40, 41)] == ["Z", "A"]
    assert first.find_all(["A", "Z", "a"]).tolist() == [41, 40, -1]
    assert first.is_new(np.array([0, 39, 40, 41])).tolist() == [False, False, True, True]
    assert in_category(first, "none before") == [41]
    assert first.is_described.tolist()[39:] == [True, False, True]
    assert first.new_ids == ["A", "Z"]
    second = first.after(CatalogueChange(2, [row("A", title="told", is_active=False), row("B")]))
    assert [second.item_id(index) for index in (40, 41, 42)] == ["Z", "A", "B"]
    assert (second.title(41), second.is_active[41]) == ("told", False)


def test_a_new_item_is_worth_the_mean_of_its_kind(small_catalogue: Catalogue) -> None:
    catalogue = small_catalogue.after(
        CatalogueChange(1, [row("A", "TECH"), row("B", "unheard of")])
    )
    values = np.arange(80, dtype=np.float32).reshape(2, 40)
    extended = catalogue.extended(values)
    assert extended.shape == (2, 42)
    assert extended[:, :40].tolist() == values.tolist()
    # The small version declares nothing of its items: all stand for a new one.
    for index in (40, 41):
        members = catalogue.neighbours(np.array([index])).members
        assert extended[:, index].tolist() == pytest.approx(values[:, members].mean(axis=1))
    assert catalogue.neighbours(np.array([3, 7])).members.tolist() == [3, 7]


def test_without_new_items_nothing_is_copied(small_catalogue: Catalogue) -> None:
    values = np.ones((1, 40), dtype=np.float32)
    assert small_catalogue.extended(values) is values


def test_those_of_the_same_category_stand_for_an_item() -> None:
    described = np.repeat(np.eye(2, dtype=np.float32) - 0.5, 50, axis=0)
    assert nearest_items(described[0], described).tolist() == list(range(50))
    assert nearest_items(described[99], described).tolist() == list(range(50, 100))


def test_more_alike_ones_do_where_there_are_enough_of_them() -> None:
    angles = np.linspace(0, 3, 100)
    described = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert nearest_items(described[0], described).tolist() == list(range(30))


def test_all_stand_for_an_item_of_which_nothing_is_known() -> None:
    described = np.eye(40, dtype=np.float32)
    assert len(nearest_items(np.zeros(40, dtype=np.float32), described)) == 40
    assert len(nearest_items(np.ones(2, dtype=np.float32), np.eye(2, dtype=np.float32))) == 2
