"""Catalogues as shops export them: every row accounted for, as the csv module counts them."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from services.generator.importing.catalogue.roles import Subject
from tests.generator.importing.catalogue.describing import items_of, take_in, users_of

SHOPS = Path(__file__).parents[3] / "data" / "shops"


def lines_of(name: str) -> list[dict[str, str]]:
    with (SHOPS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """A copy: what is rejected is written beside the files."""
    for name in ("items.csv", "users.csv"):
        (tmp_path / name).write_bytes((SHOPS / name).read_bytes())
    return tmp_path


def test_items(engine: Engine, shops: Path) -> None:
    lines = lines_of("items.csv")
    good = [line for line in lines if line["item_id"]]
    last = {line["item_id"]: line for line in good}

    tally = take_in(engine, shops / "items.csv")

    assert tally.read == len(lines) == 32
    assert (tally.new, tally.repeated) == (len(last), len(good) - len(last)) == (30, 1)
    assert dict(tally.reasons) == {"item id is missing": len(lines) - len(good)}
    found = items_of(engine)
    assert found.keys() == last.keys()
    for item_id, line in last.items():
        item = found[item_id]
        url = line["url"] or next(one["url"] for one in good if one["item_id"] == item_id)
        assert (item.title, item.categories) == (line["title"], line["categories"].split("|"))
        assert item.is_active is (line["active"] == "true")
        assert item.attributes == {"price": float(line["price"]), "url": url}

    again = take_in(engine, shops / "items.csv")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 30)


def test_users(engine: Engine, shops: Path) -> None:
    lines = lines_of("users.csv")
    whole = [line for line in lines if line["city"] is not None]
    good = [line for line in whole if line["user_id"]]
    expected: dict[str, dict[str, Any]] = {}
    for line in good:
        said = {"age": int(line["age"]), "gender": line["gender"]}
        said |= {"city": line["city"]} if line["city"] else {}
        expected[line["user_id"]] = {**expected.get(line["user_id"], {}), **said}

    tally = take_in(engine, shops / "users.csv", Subject.USERS)

    assert users_of(engine) == expected
    assert (tally.read, tally.new) == (len(lines), len(expected)) == (43, 40)
    assert tally.repeated == len(good) - len(expected) == 1
    assert dict(tally.reasons) == {"user id is missing": 1, "3 columns instead of 4": 1}
